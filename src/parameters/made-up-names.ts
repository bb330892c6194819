/** Names that tell what a tensor was before it was exported, and names that exporters make up. */

/** What TensorFlow's graphs call a variable where it is read. */
const tensorflowVariable = /ReadVariableOp(_\d+)?(:\d+)?$/;
/** TensorFlow's other names: scopes with slashes, an output's number at the end; tf2onnx's own end in __7. */
const isTensorflow = (name: string): boolean =>
  /:\d+$/.test(name) || /^StatefulPartitionedCall\//.test(name) || /\/.*__\d+$/.test(name);

/** onnx::Conv_80, /layer/Constant_output_0, val_6, 123, const_0, const_fold_opt__31, constant_4 (ours). */
const madeUp = /^onnx::|^\/|^_?val_|Constant|^\d+$|^const(ant)?_\w*\d+$/;

/**
 * Whether an exporter made a name up, for a constant or for what it computed while exporting. Every other name is that of a
 * variable, a parameter or a buffer.
 */
export const isMadeUp = (name: string): boolean =>
  isTensorflow(name) ? !tensorflowVariable.test(name) : madeUp.test(name);

/** Whether PyTorch's older exporter wrote a constant of the code so: a Constant node, where parameters are initializers. */
export const isOfCode = (name: string): boolean => /^\/.*Constant(_\d+)?_output_0$/.test(name);

/** How frameworks call what a layer learns: weight, bias, weight_g, in_proj_weight, bias_table, kernel, cls_token, … */
const ofLayer =
  /^((\w+_)?(weight|bias)(_g|_v|_orig)?|(\w+_)?bias_table|kernel|gamma|beta|(cls|class|dist)_(token|embedding))$/;

/** What PyTorch's parametrizations keep of a tensor. */
const parametrized = /\.parametrizations\.\w+\.original\d*$/;

/** Whether a name is one that layers give to what they learn. */
export const isLayerName = (name: string): boolean =>
  tensorflowVariable.test(name) || parametrized.test(name) || ofLayer.test(lastPart(name));

const lastPart = (name: string): string => name.slice(moduleOf(name).length).replace(/^[./]/, "");

/** The module that a name belongs to: "blocks.0.norm" of "blocks.0.norm.weight"; "" for a name of one part. */
export function moduleOf(name: string): string {
  // Reparametrized tensors keep theirs in modules of their own: conv.parametrizations.weight.original0.
  const [owner] = name.split(/\.parametrizations\./);
  if (owner !== name) return owner;
  if (tensorflowVariable.test(name)) return name.split("/").slice(0, -2).join("/");
  return name.slice(0, Math.max(0, name.search(/[./][^./]*$/)));
}

/**
 * Names that modules give to buffers: running statistics, and the vectors of spectral normalization, whose `weight_v` is a
 * parameter where weight normalization has it, beside a `weight_g`.
 */
export function isBufferName(name: string, isThere: (name: string) => boolean): boolean {
  if (/(^|[._/])(running_mean|running_var|num_batches_tracked|\w+_u)$/.test(name)) return true;
  // parametrizations.weight.0._u
  if (/\._[a-z]\w*$/.test(name)) return true;
  return /_v$/.test(name) && !isThere(name.replace(/_v$/, "_g")) && isThere(name.replace(/_v$/, "_orig"));
}
