/**
 * Imports point one way. Each folder of src/ lists the folders it may import; everything else is an error.
 * The first import cycle means that a type sits in the wrong folder.
 */
const mayImport = {
  tensor: [],
  onnx: ["tensor"],
  autodiff: ["tensor", "onnx"],
  lower: ["tensor", "onnx", "autodiff"],
  models: ["tensor", "onnx"],
  augment: ["tensor"],
  data: ["tensor"],
  align: ["tensor", "onnx", "autodiff"],
  runtime: ["tensor", "onnx"],
  evaluate: ["tensor", "augment", "data"],
  report: [],
  parameters: ["tensor", "onnx", "autodiff"],
  train: ["tensor", "onnx", "autodiff", "lower", "parameters", "models", "augment", "data", "align", "runtime"],
  api: [
    "tensor",
    "onnx",
    "autodiff",
    "lower",
    "models",
    "augment",
    "data",
    "align",
    "runtime",
    "evaluate",
    "parameters",
    "train",
  ],
  study: [
    "tensor",
    "onnx",
    "models",
    "augment",
    "data",
    "align",
    "runtime",
    "evaluate",
    "parameters",
    "train",
    "api",
    "report",
  ],
  tfjs: ["tensor", "onnx", "models", "data", "augment", "align", "runtime", "evaluate", "parameters", "train", "api"],
  cli: [
    "tensor",
    "onnx",
    "autodiff",
    "models",
    "augment",
    "data",
    "align",
    "runtime",
    "evaluate",
    "parameters",
    "train",
    "api",
    "study",
    "report",
  ],
};

const folders = Object.keys(mayImport);
/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "only-runtime-imports-onnxruntime",
      severity: "error",
      from: { pathNot: "^src/runtime/" },
      to: { path: "onnxruntime" },
    },
    {
      name: "only-tfjs-imports-tensorflow",
      severity: "error",
      from: { pathNot: "^(src/tfjs|test)/" },
      to: { path: "@tensorflow" },
    },
    {
      name: "nothing-imports-the-public-index",
      severity: "error",
      from: { pathNot: "\\.test\\.ts$" },
      to: { path: "^src/index\\.ts$" },
    },
    ...folders.map((folder) => ({
      name: `${folder}-imports-one-way`,
      severity: "error",
      from: { path: `^src/${folder}/`, pathNot: "\\.test\\.ts$" },
      to: { path: "^src/", pathNot: `^src/(${[folder, ...mayImport[folder]].join("|")})/` },
    })),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
  },
};
