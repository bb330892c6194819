import Table from "cli-table3";
import type { Command } from "commander";
import { type LoadClassifierOptions, loadClassifier } from "../api/index.ts";
import { type Classifier, type PixelExpectation, expectationOf, listOfNames } from "../models/index.ts";
import { type ValueInfo, opsetOf, upgradeGraph } from "../onnx/index.ts";
import { sizeOf } from "../tensor/index.ts";
import { checkModel, chosenNames, exportNotes, parameterLayers, separateParameters } from "../train/index.ts";
import { count, counted } from "./format.ts";
import { trainableOf, trainableOption } from "./model-option.ts";

interface Flags extends LoadClassifierOptions {
  readonly trainable: string;
  readonly verbose?: true;
}

const examples = `
Examples:
  alignreg inspect resnet.onnx
  alignreg inspect resnet.onnx --trainable last:2
  alignreg inspect resnet.onnx --trainable fc.*,layer4.*`;

export function addInspectCommand(program: Command): void {
  program
    .command("inspect")
    .description("show what of an ONNX classifier would train, and what stands against it")
    .argument("<model.onnx>", "the classifier")
    .option("--output <tensor>", "tensor that holds the logits (default: the first output)")
    .addOption(trainableOption())
    .option("--verbose", "show stack traces of errors")
    .addHelpText("after", examples)
    .action(inspectModel);
}

async function inspectModel(path: string, { trainable, output }: Flags): Promise<void> {
  const classifier = await loadClassifier(path, { output });
  const graph = separateParameters(classifier.graph);
  const trained = new Set(chosenNames(graph, trainableOf(trainable)));
  console.log(described(classifier));
  const table = new Table({
    head: ["parameter", "shape", "trains"],
    style: { head: [], border: [], compact: true },
  });
  const parameters = new Set([...parameterLayers(graph).flat(), ...trained]);
  for (const name of parameters) {
    table.push([name, graph.initializers.get(name)!.shape.join("×"), trained.has(name) ? "yes" : "no"]);
  }
  console.log(table.toString());
  const numbers = [...trained].reduce((sum, name) => sum + sizeOf(graph.initializers.get(name)!.shape), 0);
  console.log(
    `${count(trained.size)} of ${counted(parameters.size, "parameter")} would train, ${count(numbers)} numbers.`,
  );
  for (const note of [...(classifier.notes ?? []), ...exportNotes(graph)]) console.log(`note: ${note}`);
  checkModel(upgradeGraph(graph), [...trained], classifier.logits, path);
  console.log("Nothing stands against training it.");
}

function described(classifier: Classifier): string {
  const { graph, input, logits, normalization, inputRange = 1, channelOrder = "rgb" } = classifier;
  const { classNames, normalizesItself } = classifier;
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
    ...(classNames ? [`classes ${listOfNames(classNames)}`] : []),
    ...(found ? [`pixels  its graph ${found.does} first${expected(found)}`] : []),
    ...(!found && normalizesItself ? ["pixels  its file says that the graph normalises them"] : []),
  ].join("\n");
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
