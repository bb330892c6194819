import { Argument, type Command, Option } from "commander";
import { loadBackbone, loadFamily, meaningDoubts, takenImages } from "../api/index.ts";
import { families, specName, viewOf } from "../augment/index.ts";
import { type ImageSource, type Split, imagesOf } from "../data/index.ts";
import { type ContactSheet, contactSheet, terminalTable } from "../report/index.ts";
import { UsageError } from "../tensor/index.ts";
import { type DataFlags, addDataOptions, readData } from "./data-options.ts";
import { familySpec } from "./family-option.ts";
import { counted } from "./format.ts";
import { checkFile, writeOutput } from "./output-path.ts";
import { wholeNumber } from "./parse-number.ts";
import { printNote, printResult, printSentence } from "./print.ts";
import { picture } from "./test-page.ts";

interface Flags extends DataFlags {
  readonly model?: string;
  readonly split: Split;
  readonly count: number;
  readonly out?: string;
  readonly verbose?: true;
}

const examples = `
Examples:
  alignreg transforms                              list the families and their members
  alignreg transforms rotation                     draw them on MNIST, to rotation-sheet.png
  alignreg transforms rotation:10,20,30            with other values
  alignreg transforms rotation+contrast            a union: the members of both
  alignreg transforms rotation:15/contrast         a composition: rotated, then changed in contrast
  alignreg transforms rotation --data photos --model efficientnet-lite0
  alignreg transforms ./my-family.mjs --data photos --count 4 --out mine.png

A module exports a record of functions from images to new images, by their names:
  export default { darker: ({ data, shape }) => data.map((value) => value / 2) };
Naming a module runs its code, with your rights, here and in all other commands.`;

export function addTransformsCommand(program: Command): void {
  const command = program
    .command("transforms")
    .description("list the families of transforms, or draw one's members on images, as a PNG")
    .addArgument(
      new Argument("[spec]", "a family, with values, a union, a composition or a module").argParser(
        familySpec,
      ),
    );
  addDataOptions(command)
    .addOption(
      new Option("--split <name>", "which part of the data")
        .choices(["test", "validation", "train"])
        .default("test"),
    )
    .option(
      "--model <name|file>",
      "show images as a model takes them, in its size and by its rule: a file or folder, or a backbone by name",
    )
    .option("--count <n>", "images to draw, the first of each class first", wholeNumber(1), 8)
    .option("--out <file>", "the PNG to write (default: SPEC-sheet.png)")
    .option("--verbose", "show stack traces of errors")
    .addHelpText("after", examples)
    .action(async (spec: string | undefined, flags: Flags) => {
      if (spec !== undefined) return drawFamily(spec, flags);
      const given = command.options.find(
        (option) =>
          option.name() !== "verbose" && command.getOptionValueSource(option.attributeName()) === "cli",
      );
      if (given) {
        throw new UsageError(
          `${given.long} is for drawing a family, and none was named. ` +
            `Name one, as in alignreg transforms rotation, or leave ${given.long} out.`,
        );
      }
      await printResult(familyTable());
    });
}

function familyTable(): string {
  const rows = Object.entries(families).map(([name, make]) => {
    const { members, unit } = make();
    const names = members.slice(1).map((member) => member.name);
    const short = names.length > MOST_NAMES ? firstWords(names) : withoutFirstWord(names);
    return [name, [short, `(${unit})`]];
  });
  const table = terminalTable(["family", "members besides the identity"], rows, { widths: [31, 47] });
  return `${table}\nDraw one: alignreg transforms rotation. Other values, and more: alignreg transforms --help`;
}

/** Of members that are named one by one. */
const MOST_NAMES = 20;

/** `fog, snow` for "fog severity 1", "fog severity 2" and "snow severity 1". */
const firstWords = (names: readonly string[]): string =>
  [...new Set(names.map((name) => name.split(" ")[0]))].join(", ");

/** `15°, 30°` for "rotation 15°" and "rotation 30°". */
function withoutFirstWord(names: readonly string[]): string {
  const [first] = names[0].split(" ");
  return names.map((name) => (name.startsWith(`${first} `) ? name.slice(first.length + 1) : name)).join(", ");
}

async function drawFamily(spec: string, flags: Flags): Promise<void> {
  const path = flags.out ?? `${specName(spec)}-sheet.png`;
  await checkFile(path);
  const family = await loadFamily(spec);
  const like = flags.model === undefined ? undefined : takenImages(await loadBackbone(flags.model));
  const data = await readData(flags, flags.split, like);
  data.notes?.forEach(printNote);
  const rows: ContactSheet["rows"][number][] = [];
  for (const index of firstOfEachClass(data, flags.count)) {
    const image = await imagesOf(data, [index]);
    rows.push({
      label: data.classNames[data.labels[index]],
      pictures: family.members.map((member) => picture(data, viewOf(member, image))),
    });
  }
  const { length: images } = rows;
  const sheet = contactSheet({
    title: family.name,
    subtitle: `${counted(images, "image")} of ${data.name}`,
    columns: family.members.map(({ name }) => name),
    rows,
  });
  await writeOutput(path, sheet);
  meaningDoubts(family, data.classNames).forEach(printNote);
  printSentence(
    `${path}: ${counted(images, "image")} × ${counted(family.members.length, "member")} of ${family.name}`,
  );
}

/** Indices of `count` images, or all: the first of each class, then the second of each, …; in the order of classes. */
function firstOfEachClass({ labels, classNames }: ImageSource, count: number): number[] {
  const ofClass = classNames.map((): number[] => []);
  labels.forEach((label, index) => ofClass[label]?.push(index));
  const chosen: (readonly [label: number, index: number])[] = [];
  const most = Math.max(...ofClass.map((indices) => indices.length));
  for (let place = 0; place < most && chosen.length < count; place++) {
    ofClass.forEach((indices, label) => {
      if (place < indices.length && chosen.length < count) chosen.push([label, indices[place]]);
    });
  }
  return chosen.sort(([a], [b]) => a - b).map(([, index]) => index);
}
