/** What a training step may take of memory, and what is said of it. */
import { freemem } from "node:os";
import process from "node:process";
import type { MemoryPlan } from "../train/index.ts";

const MB = 2 ** 20;

/** Of what is available: the rest is for views, images and whatever else runs. */
const SHARE = 0.6;

/** Bytes. @param given  in MB; null for the default */
export function allowedBytes(given: number | null): number {
  return given === null ? SHARE * available() : given * MB;
}

/** Node before 20.13 does not know a container's limit. */
const available = (): number =>
  typeof process.availableMemory === "function" ? process.availableMemory() : freemem();

/** @param allowed  bytes; @param samples  of a step */
export function memoryNotes(
  { form, bytes, wholeBytes, refusal, normalizedBy }: MemoryPlan,
  allowed: number,
  samples: number,
): readonly string[] {
  if (refusal !== null) {
    return [
      `A step of ${samples} images is expected to take about ${mb(bytes)}, more than the ${mb(allowed)} that it may ` +
        `(memory), and cannot go in parts: ${refusal}. Give a smaller batch size if memory runs out.`,
    ];
  }
  if (form.parts) {
    const { gradient, selection } = form.parts;
    return [
      `A step of ${samples} images would take about ${mb(wholeBytes)}, more than the ${mb(allowed)} that it may (memory): ` +
        `the model goes over ${gradient} at a time, ${selection} where views are chosen, which takes about ${mb(bytes)}.`,
      ...(normalizedBy === null
        ? []
        : [
            `BatchNormalization trains, and normalises each part by itself (parts): by the statistics of ${normalizedBy} images or ` +
              `views, not of the whole batch.`,
          ]),
    ];
  }
  return bytes > 1024 * MB
    ? [`A step of ${samples} images is expected to take about ${mb(bytes)} of memory.`]
    : [];
}

const mb = (bytes: number): string => `${Math.round(bytes / MB).toLocaleString("en")} MB`;
