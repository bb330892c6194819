/** A file's JSON, of which nothing is certain. */
import { UsageError } from "../../tensor/index.ts";

export type Json = Readonly<Record<string, unknown>>;

export const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A property of its own; undefined where it has none. */
export const property = (json: Json, key: string): unknown =>
  Object.hasOwn(json, key) ? json[key] : undefined;

/** @throws UsageError for anything but a record, list or string */
export function needJson(value: unknown, what: string): Json {
  if (isJson(value)) return value;
  throw misfit(value, what, "a record");
}

export function needList(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw misfit(value, what, "a list");
}

export function needText(value: unknown, what: string): string {
  if (typeof value === "string") return value;
  throw misfit(value, what, "a text");
}

const misfit = (value: unknown, what: string, wanted: string): UsageError =>
  new UsageError(
    `The model's configuration gives ${what} as ${(JSON.stringify(value) ?? "nothing").slice(0, 80)}; ` +
      `${wanted} is needed. The file is damaged, or written by another program than Keras: save it with Keras anew.`,
  );
