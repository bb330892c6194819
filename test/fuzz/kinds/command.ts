/** Command lines: flags, their values, and specifications of transforms. */
import type { Command, Option } from "commander";
import { buildProgram } from "../../../src/cli/program.ts";
import { commandRoad } from "../command-road.ts";
import { fixture } from "../fixture.ts";
import type { Kind } from "../kind.ts";
import { type Edit, pick } from "../plan.ts";
import { editText } from "../edit-text.ts";
import { pictureFolder } from "../pictures.ts";
import { oddNumbers, words } from "../words.ts";

const commands: readonly string[] = [
  "evaluate model.onnx --data photos --image-size 16 --limit 4 --transforms rotation:45,90 --threads 1",
  "evaluate model.onnx --data photos --image-size 16x16 --channels 3 --limit 4 --mean 0.5,0.5,0.5 --std 0.2,0.2,0.2 --json s.json --embedding /features/features.4/Relu_output_0 --distance cosine --batch-size 3 --seed 1",
  "evaluate model.onnx --data photos --image-size 16 --limit 4 --input-range 255 --channel-order bgr --transforms blur:1/contrast+noise --split train --json -",
  "inspect model.onnx --image-size 16 --channels 3 --trainable last:1",
  "inspect model.onnx --trainable head.*,*.bias --output logits",
  "train --data photos --image-size 16 --model model.onnx --out run --epochs 1 --batch-size 4 --method rwa --regularizer cosine --lambda 0.5 --lambda-warm-up 1 --trainable last:1",
  "train --data photos --image-size 18 --model cifarCnn --width 2 --out run --epochs 1 --batch-size 4 --optimizer sgd --lr 0.01 --momentum 0.9 --nesterov --schedule cosine --warm-up 1 --crop 1 --flip --clip-norm 1",
  "train --data photos --image-size 18 --model cifarCnn --width 2 --out run --epochs 1 --batch-size 4 --regularizer wasserstein --critic-steps 1 --critic-lr 0.1 --critic-width 4 --lipschitz penalty --selection batch",
  "train --data photos --image-size 18 --model cifarCnn --width 2 --out run --epochs 1 --batch-size 4 --method va --augmentation eager --schedule step --step-every 1 --step-factor 0.1 --seed 3 --resume --checkpoint-seconds 0",
  "transforms rotation:15/contrast+noise --data photos --image-size 12 --count 2 --out sheet.png",
];

/** These end in a named error as they are. */
const refused: readonly string[] = [
  "study run photos --dry-run",
  "study status run",
  "study collect run --format latex",
];

const flags = [
  ...new Set([...commands, ...refused].join(" ").match(/--[\w-]+/g)),
  "--overwrite",
  "--verbose",
  "--help",
  "--compat",
  "--align",
  "--select-by",
  "--stop-gradient",
  "--lowering",
  "--provider",
  "--weights",
  "--class-map",
];

const values = [
  "alignreg-1.0",
  "clean",
  "plain",
  "webgpu",
  "loss",
  "distance",
  "all",
  "last:0",
  "last:99",
  "*",
  "softmax",
  "resnet18",
  "lenet",
  "vgg",
  "mobileNet",
  "cifarLenet",
  "adamw",
  "kl",
  "l1",
  "discriminator",
  "mnist",
  "photos",
  "model.onnx",
  "photos/train",
  "rotation:",
  "rotation:1e999",
  "rotation:0",
  "blur:0",
  "noise:-1",
  "scale:0",
  "cutout:99",
  "rotation//contrast",
  "+",
  "/",
  "texture:1",
  "hue:7",
  "a:b",
  "package-rotation",
  "rotation:1,1",
  "shear:89.9",
  "(rotation)",
  "translate:3/translate:-3",
  "0,0,0",
  "1,2",
  ",",
  "1e-50",
  "2x3",
  "0x0",
  "x",
  "-",
  "s.json",
  // Paths begin here: no command may write elsewhere.
  ...words.filter((word) => !/[/\0]|^\.\./.test(word) && word.length < 100),
];

/** Numbers that ask for hours or gigabytes are no damage; what a size may be is checked where sizes are. */
const numbers = oddNumbers
  .filter((n) => Math.abs(n) <= 256 || n > 2 ** 52 || !Number.isInteger(n))
  .map(String);

/** Words and numbers that some option takes, for options that name no choices. */
const likely = [
  "1",
  "2",
  "3",
  "0.5",
  "0",
  "0.1",
  "16",
  "rotation:90",
  "blur:1",
  "contrast+noise",
  "rotation:15/shear:5",
  "last:1",
  "last:2",
  "head.*",
  "photos",
  "model.onnx",
  "s.json",
  "0.5,0.5,0.5",
  "255",
  "logits",
  "softmax",
];

const program: Command = buildProgram();

/** Those that the command has, which it would not refuse to read; none of a command that there is not. */
function optionsOf(args: readonly string[]): readonly Option[] {
  let command: Command | undefined = program;
  for (const word of args) {
    if (command === undefined || command.commands.length === 0) break;
    command = command.commands.find((one) => one.name() === word);
  }
  return command?.options ?? [];
}

/** Values that the others' examples give to an option, those that it is limited to, and what others take. */
function valuesOf({ long, argChoices }: Option): readonly string[] {
  const given = commands
    .map((line) => line.split(" "))
    .flatMap((args) => args.filter((_, i) => args[i - 1] === long));
  return [...given, ...(argChoices ?? []), ...(given.length + (argChoices?.length ?? 0) > 0 ? [] : likely)];
}

/** Options that the command knows, with values that they take: what is wrong with them shows behind the first check. */
function editLikely(args: string[], how: number, where: number, what: number): string[] {
  const options = optionsOf(args);
  if (options.length === 0) return args;
  const option = pick(options, where);
  const value = how % 3 === 0 ? pick(likely, what) : pick(valuesOf(option), what);
  const words = option.required ? [option.long!, value] : [option.long!];
  const at = args.indexOf(option.long!);
  if (at >= 0) return args.toSpliced(at, option.required ? 2 : 1, ...(how % 2 === 0 ? [] : words));
  return option.long === "--help" ? args : [...args, ...words];
}

function editArguments(given: readonly string[], list: readonly Edit[]): string[] {
  let args = [...given];
  for (const [how, where, what] of list) {
    if (how % 4 > 0) {
      args = editLikely(args, how >>> 2, where, what);
      continue;
    }
    const at = where % (args.length + 1);
    switch ((how >>> 2) % 8) {
      case 0:
        args.splice(at, 1);
        break;
      case 1:
        args.splice(at, 0, pick(flags, what));
        break;
      case 2:
        args.splice(at, 0, pick(flags, what), pick([...values, ...numbers], Math.floor(what / 64)));
        break;
      case 3:
        args[at] = pick(values, what);
        break;
      case 4:
        args[at] = pick(numbers, what);
        break;
      case 5:
        args = args.toSpliced(at, 0, pick(args, what));
        break;
      case 6:
        if (args[at] !== undefined)
          args[at] = harmless(editText(args[at], [[what >>> 8, where >>> 4, what]]), args[at]);
        break;
      default:
        if (args[at] !== undefined) args[at] = `${args[at]}=${pick([...values, ...numbers], what)}`;
    }
  }
  return args;
}

/** A path that was cut or joined may lead anywhere: only what stays in the folder is tried. */
const harmless = (text: string, otherwise: string): string =>
  /^[./~]|\.\.|\0|=\//.test(text) ? otherwise : text;

export const command: Kind = {
  share: 8,
  bases: commands.length,
  damage({ base, edits }) {
    return {
      files: new Map([
        ["model.onnx", fixture("zoo/plain-convnet-plain-opset17.onnx")],
        ...pictureFolder("photos"),
      ]),
      args: editArguments(pick([...commands, ...refused], base).split(" "), edits),
    };
  },
  walk: (walk, { args }) => commandRoad(walk, args!),
};
