/**
 * `npm run fuzz`: damaged inputs of every kind, each of which must end in a result or a named error, within the limits.
 *
 *   npm run fuzz -- --cases 2000                        of all kinds, by their shares
 *   npm run fuzz -- --cases 500 --kind onnx --seed 7    of one kind
 *   npm run fuzz -- --kind onnx --seed 7 --path 3:1     one case, as a failure prints it
 *   … --save folder                                     its files, to look at
 *   npm run fuzz -- --undamaged                         whether every file gets through as it is
 */
import { parseArgs } from "node:util";
import { type Settings, fuzz } from "./fuzz.ts";
import { kinds } from "./kinds/index.ts";
import { Child } from "./pool.ts";
import { replay } from "./replay.ts";
import { undamagedProblems } from "./undamaged.ts";

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    kind: { type: "string", multiple: true },
    path: { type: "string" },
    save: { type: "string" },
    undamaged: { type: "boolean", default: false },
    jobs: { type: "string", default: "2" },
  },
});

const chosen = values.kind ?? [...kinds.keys()];
const unknown = chosen.find((name) => !kinds.has(name));
if (unknown !== undefined) {
  console.error(`There is no kind "${unknown}". Choose of: ${[...kinds.keys()].join(", ")}.`);
  process.exit(2);
}
const settings: Settings = {
  cases: Number(values.cases),
  seed: Number(values.seed),
  kinds: chosen,
  jobs: Number(values.jobs),
  limits: { seconds: 10, bytes: 1.5 * 2 ** 30 },
};
if (values.undamaged) {
  const child = new Child(settings.limits);
  const problems = await undamagedProblems(chosen, child);
  child.end();
  problems.forEach((problem) => console.log(problem));
  process.exit(problems.length > 0 ? 1 : 0);
}
const failures =
  values.path === undefined
    ? await fuzz(settings)
    : await replay({ ...settings, kind: chosen[0], path: values.path, save: values.save });
process.exit(failures > 0 ? 1 : 0);
