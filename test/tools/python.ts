/** A Python with what a card's program takes. */
import { existsSync } from "node:fs";
import { whyUseless } from "./probe.ts";

/** The environment may say which; then it must be of use. */
const { CARD_PYTHON } = process.env;
const places = CARD_PYTHON ? [CARD_PYTHON] : ["/usr/bin/python3", "/usr/local/bin/python3"];
const reasons: string[] = [];
let found: string | null = null;
for (const program of places.filter((path) => existsSync(path))) {
  const args = ["-c", "import numpy, onnxruntime, PIL; print(42)"];
  const reason = await whyUseless({ program, args, answer: "42" });
  if (reason === null) found ??= program;
  else reasons.push(`${program} ${reason}`);
}

if (CARD_PYTHON && found === null) {
  throw new Error(`CARD_PYTHON is of no use: ${reasons.join("; ") || `${CARD_PYTHON} is not there`}.`);
}

export const python = found;

/** Why there is none, or null where there is one. */
export const noPython =
  found === null
    ? `no Python with onnxruntime, Pillow and NumPy: ${reasons.join("; ") || `none of ${places.join(", ")} is there`} (CARD_PYTHON for its path)`
    : null;
