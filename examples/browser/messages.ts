/** What the page and its worker tell each other. */
import type { Scores } from "alignreg/browser";

export type Order =
  | {
      readonly kind: "start";
      /** Where the digits are: the address of the page. */
      readonly base: string;
      readonly method: "base" | "rwa";
      readonly provider: "wasm" | "webgpu";
      readonly steps: number;
    }
  /** Ends the training after the step that it is at; what is trained by then is tested and handed out. */
  | { readonly kind: "stop" };

export type Report =
  | {
      readonly kind: "shown";
      readonly digits: readonly ShownDigit[];
      readonly memberNames: readonly string[];
    }
  | { readonly kind: "testing"; readonly share: number }
  | {
      readonly kind: "tested";
      readonly when: "before" | "after";
      readonly scores: Scores;
      /** What the classifier takes each view of each shown digit for. */
      readonly answers: readonly (readonly number[])[];
    }
  | { readonly kind: "step"; readonly step: number; readonly loss: number; readonly milliseconds: number }
  /** The bytes of an ONNX file. */
  | { readonly kind: "trained"; readonly steps: number; readonly file: Uint8Array<ArrayBuffer> }
  | { readonly kind: "failed"; readonly message: string };

/** A test digit and its views, [28, 28] each, grey values in [0, 1]. */
export interface ShownDigit {
  readonly label: number;
  readonly views: readonly Float32Array[];
}
