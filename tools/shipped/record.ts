/** What was measured: docs/results/shipped.json, of which docs/shipped.md is made. */
import { z } from "zod";
import { jsonFile } from "../../src/artifacts/index.ts";
import { forms, methods, shifts } from "./plan.ts";

const error = z.object({ before: z.number(), after: z.number().nullable() });
const rightOf = z.object({ images: z.int(), right: z.int() });

/** Of a trained head, on the test photographs. */
export const headSchema = z.object({
  shift: z.enum(shifts),
  method: z.enum(methods),
  seed: z.int(),
  clean: z.number(),
  robust: z.number(),
  calibration: z.object({ temperature: z.number().nullable(), clean: error, shifted: error }),
  stability: z.object({
    agreeing: rightOf,
    others: rightOf,
    areaUnderCurve: z.number().nullable(),
    areaOfProbability: z.number().nullable(),
  }),
});
export type Head = z.infer<typeof headSchema>;

const interval = z.object({ value: z.number(), low: z.number(), high: z.number() });

/** Of a file of the model that is shipped. */
export const formSchema = z.object({
  form: z.enum(forms),
  bytes: z.int(),
  clean: interval,
  robust: interval,
  invariance: interval,
});
export type FormScores = z.infer<typeof formSchema>;

/** Milliseconds for one image. */
const times = z.object({ median: z.number(), least: z.number() });

export const speedSchema = z.object({
  form: z.enum(forms),
  /** onnxruntime-node, by threads. */
  node: z.record(z.string(), times),
  /** onnxruntime-web in WebAssembly, by threads; empty where there is no Chromium. */
  chromium: z.record(z.string(), times),
});
export type Speed = z.infer<typeof speedSchema>;

const recordSchema = z.object({
  date: z.string(),
  alignreg: z.string(),
  machine: z.string(),
  settings: z.record(z.string(), z.unknown()),
  training: z.record(z.string(), z.unknown()),
  heads: z.array(headSchema),
  forms: z.array(formSchema),
  speed: z.array(speedSchema),
});
export type ShippedRecord = z.infer<typeof recordSchema>;

export const recordFile = jsonFile({
  version: 1,
  schema: recordSchema,
  advice: "Make it anew: npm run shipped.",
});
