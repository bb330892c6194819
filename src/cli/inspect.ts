import { type Command, Option } from "commander";
import {
  type InspectedTensor,
  type LoadClassifierOptions,
  backbonePackages,
  inspectTensors,
  loadBackbone,
  loadClassifier,
  tryStep,
} from "../api/index.ts";
import {
  type Classifier,
  type Features,
  type PixelExpectation,
  describeFeatures,
  expectationOf,
  featureCandidates,
  findFeatures,
} from "../models/index.ts";
import { listOfNames } from "../data/index.ts";
import { type ValueInfo, opsetOf } from "../onnx/index.ts";
import { terminalTable } from "../report/index.ts";
import { type StatedPictures, UsageError, sizeOf } from "../tensor/index.ts";
import { terminalLine, terminalMessage } from "../text/index.ts";
import { count, counted } from "./format.ts";
import { trainableOf, trainableOption } from "./model-option.ts";
import { imageSize } from "./parse-number.ts";
import { printResult } from "./print.ts";

interface Flags extends LoadClassifierOptions {
  readonly trainable?: string;
  readonly features?: string;
  readonly imageSize?: readonly [height: number, width: number];
  readonly channels?: "1" | "3";
  readonly verbose?: true;
}

const examples = `
Examples:
  alignreg inspect resnet.onnx
  alignreg inspect resnet.onnx --trainable last:2
  alignreg inspect resnet.onnx --trainable fc.*,layer4.*
  alignreg inspect mobilenet.onnx --image-size 128
  alignreg inspect net.keras

Lists every float tensor that the logits depend on, says why it trains or stays, and runs one training step on noise,
built as train builds it.`;

export function addInspectCommand(program: Command): void {
  program
    .command("inspect")
    .description("show what of a classifier would train, and what stands against it")
    .argument("<model>", "the classifier: a run's folder, an ONNX or Keras file, or a TensorFlow.js folder")
    .option("--output <tensor>", "tensor that holds the logits (default: the first output)")
    .addOption(trainableOption())
    .option("--features <tensor>", "what a new head would take (default: what the last linear layer takes)")
    .option("--image-size <pixels>", "try images of 32, or 32x48 (default: what the model takes)", imageSize)
    .addOption(new Option("--channels <n>", "try grey images or colour").choices(["1", "3"]))
    .option("--verbose", "show stack traces of errors")
    .addHelpText("after", examples)
    .action(inspectModel);
}

async function inspectModel(path: string, flags: Flags): Promise<void> {
  const stated = statedShape(flags);
  const load = Object.hasOwn(backbonePackages, path) ? loadBackbone : loadClassifier;
  const classifier = await load(path, { output: flags.output, imageShape: stated });
  const options = { trainable: trainableOf(flags.trainable), shape: stated };
  const { tensors, notes, shape } = inspectTensors(classifier, options);
  await printResult([described(classifier), ...featureLines(classifier, flags.features)].join("\n"));
  await printResult(tensorTable(tensors));
  for (const note of notes) await printResult(`note: ${terminalMessage(note)}`);
  await tryStep(classifier, path, { ...options, shape });
  await printResult(`Nothing stands against training it: a step on ${shape.join("×")} images was tried.`);
}

function statedShape({ imageSize, channels = "3" }: Flags): [number, number, number] | undefined {
  return imageSize && [Number(channels), ...imageSize];
}

/** Single numbers that an exporter made up are counted rather than listed. */
function tensorTable(tensors: readonly InspectedTensor[]): string {
  const isListed = ({ shape, isMadeUp, kind }: InspectedTensor) =>
    !isMadeUp || kind !== "constant" || sizeOf(shape) > 1;
  const rows = tensors.filter(isListed).map(({ name, shape, trains, kind, why }) => {
    const word = trains ? "yes" : kind === "statistics" ? "moves" : "no";
    const reason = kind === "parameter" && !trains ? `${why}; not chosen` : why;
    return [name, shape.join("×"), word, trains && kind === "constant" ? `${why}; chosen by name` : reason];
  });
  const parameters = tensors.filter(({ kind }) => kind === "parameter");
  const trained = tensors.filter(({ trains }) => trains);
  const numbersOf = (some: readonly InspectedTensor[]) =>
    count(some.reduce((sum, { shape }) => sum + sizeOf(shape), 0));
  const unlisted = tensors.filter((tensor) => !isListed(tensor)).length;
  return [
    terminalTable(["tensor", "shape", "trains", "why"], rows),
    ...(unlisted > 0 ? [`and ${counted(unlisted, "single number")} of the exporter's, which stay.`] : []),
    `${count(trained.length)} of ${counted(parameters.length, "parameter")} would train, ` +
      `${numbersOf(trained)} of ${numbersOf(parameters)} numbers.`,
  ].join("\n");
}

/** As in "crop, 0.875 of each side, bicubic". */
const resizeLine = ({
  resize,
  cropShare = 1,
  interpolation,
  exif,
  transformBeforeCrop,
}: StatedPictures): string =>
  [
    resize,
    ...(resize === "crop" ? [`${Number(cropShare.toPrecision(4))} of each side`] : []),
    ...(interpolation ? [interpolation] : []),
    ...(transformBeforeCrop ? ["transforms before the crop"] : []),
    ...(exif === "ignore" ? ["as stored, whatever the camera says"] : []),
  ].join(", ");

function described(classifier: Classifier): string {
  const { graph, input, logits, normalization, inputRange = 1, channelOrder = "rgb" } = classifier;
  const { classNames, normalizesItself, pictures } = classifier;
  const found = expectationOf(graph, input);
  const shapeOf = (infos: readonly ValueInfo[], name: string) => {
    const shape = infos.find((info) => info.name === name)?.shape;
    return shape ? ` [${shape.map((length) => length ?? "?").join(", ")}]` : "";
  };
  return [
    `images  ${input}${shapeOf(graph.inputs, input)}`,
    `logits  ${logits}${shapeOf(graph.outputs, logits)}`,
    `opset   ${opsetOf(graph)}`,
    ...(normalization
      ? [`mean    ${normalization.mean.join(", ")}`, `std     ${normalization.std.join(", ")}`]
      : []),
    ...(inputRange === 1 ? [] : [`range   0 to ${inputRange}`]),
    ...(channelOrder === "rgb" ? [] : [`order   blue, green, red`]),
    ...(pictures ? [`resize  ${resizeLine(pictures)}`] : []),
    ...(classNames ? [`classes ${listOfNames(classNames)}`] : []),
    ...(found ? [`pixels  its graph ${found.does} first${expected(found)}`] : []),
    ...(!found && normalizesItself ? ["pixels  its file says that the graph normalises them"] : []),
  ]
    .map(terminalLine)
    .join("\n");
}

/** What a new head would take, and what it could take instead. @throws UsageError for a name that is no tensor of features */
function featureLines(classifier: Classifier, named: string | undefined): string[] {
  const candidates = featureCandidates(classifier);
  const lines = (found: Features | null): string[] => {
    const others = candidates.filter(({ tensor }) => tensor !== found?.tensor).slice(0, 5);
    return [
      `features ${found ? describeFeatures(found) : "not found: --features names them"}`,
      ...(others.length > 0 ? [`or       ${others.map(describeFeatures).join(", ")}`] : []),
    ].map(terminalLine);
  };
  if (named !== undefined) return lines(findFeatures(classifier, named));
  try {
    return lines(findFeatures(classifier));
  } catch (error) {
    // It can be trained as it is.
    if (error instanceof UsageError) return lines(null);
    throw error;
  }
}

/** What pixels the graph takes, where that shows. */
function expected({ range, order }: PixelExpectation): string {
  const parts = [
    ...(range === null
      ? []
      : [range === 255 ? "it takes bytes (--input-range 255)" : "it takes pixels in [0, 1]"]),
    ...(order === "bgr" ? ["blue first (--channel-order bgr)"] : []),
  ];
  return parts.length > 0 ? `: ${parts.join(", ")}` : "";
}
