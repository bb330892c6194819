/** What is refused, by whom and why, and what was tried in its place: tools/frameworks/odd_modules.py and the harness. */
export interface Refused {
  readonly what: string;
  readonly why: string;
  readonly instead: string;
}

export const refused: readonly Refused[] = [
  {
    what: "a model in float16, bfloat16 or float64",
    why: "float32 is what trains; alignreg_export.py says so",
    instead: "`model.float()`",
  },
  {
    what: "lazy layers that have seen no images",
    why: "they have no weights yet",
    instead: "run the model on a batch once",
  },
  {
    what: "several inputs, or a processor's dict",
    why: "classifiers take images alone",
    instead: "give `pixel_values`; put the model into a module that has the other inputs",
  },
  {
    what: "weights of a file whose exporter folded or computed (`home`: refused)",
    why: "under the module's names they mean something else",
    instead: "export by alignreg_export.py; or take the trained ONNX file",
  },
  {
    what: "weights for a module of other names or shapes",
    why: "nothing is loaded then, so that no half of it is",
    instead: "build it as the exported one; DataParallel's `module.` is no difference",
  },
  {
    what: "PyTorch from 2.0 on without the package `onnx`",
    why: "PyTorch's own exporters need it; without `onnxscript` alignreg_export.py takes the older one and warns",
    instead: "`pip install onnx`; from 2.9 on `pip install onnxscript`",
  },
  {
    what: "`spectral_norm` before PyTorch 2.9",
    why: "its exporter knows no `vdot`",
    instead: "export with PyTorch 2.9 or newer",
  },
];
