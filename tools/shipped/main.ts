/**
 * `npm run shipped`: what a model keeps on its way to an app; writes docs/results/shipped.json and docs/shipped.md.
 *
 * Options: --out DIR (default runs/photographs: the photographs and features of `npm run photographs`, and what was measured, which a
 * second run takes over), --again heads|forms|speed (measures a part anew; speed wants a quiet machine), --page (the page alone), --python
 * PROGRAM (that has what tools/shipped/int8.py needs: a file of 8-bit integers is compared too).
 */
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { jsonFile, makeFolder, writeWhole } from "../../src/artifacts/index.ts";
import { version } from "../../src/api/version.ts";
import { loadBackbone, loadData } from "../../src/index.ts";
import { writeFolder } from "../photographs/write-folder.ts";
import { testedForm, writeForm, writeInt8 } from "./forms.ts";
import { type Place, testedHead, trainedHead } from "./heads.ts";
import { PAGE, RECORD, pageOf } from "./page.ts";
import { type Form, methods, settings, shifts, shipped, training } from "./plan.ts";
import {
  type FormScores,
  type Head,
  type Speed,
  formSchema,
  headSchema,
  recordFile,
  speedSchema,
} from "./record.ts";
import { timedForm } from "./speed.ts";

const { values } = parseArgs({
  options: {
    out: { type: "string", default: "runs/photographs" },
    again: { type: "string", multiple: true, default: [] },
    page: { type: "boolean", default: false },
    python: { type: "string" },
  },
});

if (!values.page) await measure(values.out);
await writeWhole(PAGE, await pageOf(recordFile.read(RECORD)!));

async function measure(out: string): Promise<void> {
  const parts = join(out, "shipped");
  makeFolder(parts);
  const place = await placeIn(out);
  const heads = await part(parts, "heads", headSchema, async () => {
    const found: Head[] = [];
    for (const shift of shifts)
      for (const method of methods)
        for (const seed of settings.seeds) found.push(said(await testedHead(place, shift, method, seed)));
    return found;
  });
  const fileOf = (form: Form) => join(parts, `${form}.onnx`);
  const scores = await part(parts, "forms", formSchema, async () => {
    const { shift, method, seed, unfreezing } = shipped;
    const model = await trainedHead(place, shift, method, seed, unfreezing);
    const found: FormScores[] = [];
    const test = async (form: Form, bytes: number) =>
      found.push(said(await testedForm(form, fileOf(form), bytes, place.test)));
    for (const form of ["float32", "float16"] as const)
      await test(form, await writeForm(model, form, fileOf(form)));
    if (values.python !== undefined) {
      const photographs = join(out, "photographs");
      await test("int8", await writeInt8(values.python, fileOf("float32"), photographs, fileOf("int8")));
    }
    return found;
  });
  const speed = await part(parts, "speed", speedSchema, async () => {
    const found: Speed[] = [];
    for (const { form } of scores) found.push(said(await timedForm(form, fileOf(form))));
    return found;
  });
  await recordFile.write(RECORD, {
    date: new Date().toISOString().slice(0, 10),
    alignreg: version,
    machine: `${cpus()[0].model}, ${cpus().length} cores, Node.js ${process.version}`,
    settings,
    training,
    heads,
    forms: scores,
    speed,
  });
}

async function placeIn(out: string): Promise<Place> {
  const photographs = join(out, "photographs");
  await writeFolder(photographs);
  const { backbone, imageSize: size, resize } = settings;
  const read = (split: "train" | "test") => loadData(photographs, split, { size, resize });
  return {
    backbone: await loadBackbone(backbone),
    train: await read("train"),
    test: await read("test"),
    cache: join(out, "features"),
  };
}

/** A part of the record; one that was measured before is read. */
async function part<One>(
  folder: string,
  name: "heads" | "forms" | "speed",
  schema: z.ZodType<One>,
  measured: () => Promise<One[]>,
): Promise<One[]> {
  const file = jsonFile({ version: 1, schema: z.object({ found: z.array(schema) }), advice: "Delete it." });
  const path = join(folder, `${name}.json`);
  const known = values.again.includes(name) ? undefined : file.read(path);
  if (known) return known.found;
  const found = await measured();
  await file.write(path, { found });
  return found;
}

function said<One>(found: One): One {
  process.stdout.write(`${JSON.stringify(found)}\n`);
  return found;
}
