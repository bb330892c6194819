/** Fails unless a demo's results.json shows what the README promises of it: `npx tsx scripts/check-demo.ts FILE`. */
import { readFileSync } from "node:fs";
import { z } from "zod";

const score = z.object({ value: z.number() });
const resultsSchema = z.array(
  z.object({ method: z.string(), cleanAccuracy: score, robustAccuracy: score, invarianceScore: score }),
);

const results = resultsSchema.parse(JSON.parse(readFileSync(process.argv[2], "utf8")));
const of = (method: string) => {
  const found = results.find((result) => result.method === method);
  if (!found) throw new Error(`${process.argv[2]} has no result of method "${method}".`);
  return found;
};
const [base, rwa] = [of("base"), of("rwa")];
const gains = {
  robustAccuracy: rwa.robustAccuracy.value - base.robustAccuracy.value,
  cleanAccuracy: rwa.cleanAccuracy.value - base.cleanAccuracy.value,
  invarianceScore: rwa.invarianceScore.value - base.invarianceScore.value,
};
const promised = { robustAccuracy: 0.6, cleanAccuracy: -0.015, invarianceScore: 0.2 };
for (const [name, least] of Object.entries(promised)) {
  const gain = gains[name as keyof typeof gains];
  const verdict = gain >= least ? "holds" : "FAILS";
  console.log(`${verdict}: ${name} of rwa over base is ${gain.toFixed(4)}, at least ${least} is promised`);
  if (gain < least) process.exitCode = 1;
}
