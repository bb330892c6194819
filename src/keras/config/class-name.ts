/** What kind of layer an entry of a configuration is, as the table of layers calls it. */
import { type Json, property } from "./json.ts";

export interface LayerKind {
  readonly className: string;
  readonly isOperation: boolean;
}

/** Modules of Keras' own; what others registered is theirs, whatever it is called. */
const ownModule = /^(keras|tf_keras|tensorflow\.(python\.)?keras)(\.|$)/;

/** Classes that Keras had under another name. */
const renamed: ReadonlyMap<string, string> = new Map([
  ["Convolution2D", "Conv2D"],
  ["Convolution1D", "Conv1D"],
  ["SeparableConvolution2D", "SeparableConv2D"],
  ["Convolution2DTranspose", "Conv2DTranspose"],
  ["MaxPool1D", "MaxPooling1D"],
  ["MaxPool2D", "MaxPooling2D"],
  ["AvgPool1D", "AveragePooling1D"],
  ["AvgPool2D", "AveragePooling2D"],
  ["GlobalMaxPool1D", "GlobalMaxPooling1D"],
  ["GlobalMaxPool2D", "GlobalMaxPooling2D"],
  ["GlobalAvgPool1D", "GlobalAveragePooling1D"],
  ["GlobalAvgPool2D", "GlobalAveragePooling2D"],
  ["BatchNormalizationV1", "BatchNormalization"],
  ["BatchNormalizationV2", "BatchNormalization"],
  ["SyncBatchNormalization", "BatchNormalization"],
  ["Experimental>SyncBatchNormalization", "BatchNormalization"],
]);

export function layerKind(entry: Json, className: string): LayerKind {
  const module = property(entry, "module");
  const registered = property(entry, "registered_name");
  if (className === "TFOpLambda" || className === "SlicingOpLambda") {
    return { className: lambdaOperation(entry, className), isOperation: true };
  }
  const isOfOthers =
    (typeof module === "string" && !ownModule.test(module)) ||
    (typeof registered === "string" && registered.includes(">") && !registered.startsWith("keras"));
  if (isOfOthers) {
    const isNamed = typeof registered === "string" && registered !== "";
    return { className: `${isNamed ? registered : className} (custom)`, isOperation: false };
  }
  if (typeof module === "string" && /(^|\.)ops(\.|$)/.test(module)) {
    return { className: `ops.${className}`, isOperation: true };
  }
  return { className: renamed.get(className) ?? className, isOperation: false };
}

/** Keras 2's lambdas of TensorFlow's functions, under the names of Keras 3's operations. */
const lambdas: ReadonlyMap<string, string> = new Map([
  ["math.add", "Add"],
  ["__operators__.add", "Add"],
  ["math.subtract", "Subtract"],
  ["__operators__.subtract", "Subtract"],
  ["math.multiply", "Multiply"],
  ["__operators__.multiply", "Multiply"],
  ["math.truediv", "TrueDivide"],
  ["math.divide", "TrueDivide"],
  ["__operators__.truediv", "TrueDivide"],
  ["__operators__.getitem", "GetItem"],
  ["math.maximum", "Maximum"],
  ["math.minimum", "Minimum"],
  ["math.sigmoid", "Sigmoid"],
  ["nn.sigmoid", "Sigmoid"],
  ["math.tanh", "Tanh"],
  ["nn.relu", "Relu"],
  ["nn.relu6", "Relu6"],
  ["nn.silu", "Silu"],
  ["nn.swish", "Silu"],
  ["nn.softmax", "Softmax"],
  ["math.reduce_mean", "Mean"],
  ["math.reduce_max", "Max"],
  ["math.reduce_sum", "Sum"],
  ["reshape", "Reshape"],
  ["concat", "Concatenate"],
  ["math.sqrt", "Sqrt"],
  ["math.square", "Square"],
  ["math.exp", "Exp"],
]);

function lambdaOperation(entry: Json, className: string): string {
  if (className === "SlicingOpLambda") return "ops.GetItem";
  const config = property(entry, "config") as Json | undefined;
  const name = config && property(config, "function");
  return `ops.${lambdas.get(String(name)) ?? String(name)}`;
}
