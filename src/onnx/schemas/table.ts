// Written by tools/onnx_schemas.py, of onnx 1.23.2
/** Names of sets of element types. */
export const schemaSets = {
  any: [
    "bool",
    "float16",
    "float32",
    "float64",
    "int16",
    "int32",
    "int64",
    "int8",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
  ],
  numbers: [
    "float16",
    "float32",
    "float64",
    "int16",
    "int32",
    "int64",
    "int8",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
  ],
  floats: ["float16", "float32", "float64"],
} as const;

/**
 * A line an operator: its inputs, its outputs, its attributes with their kinds, and the element types that its letters stand
 * for. `T?` may be left out, `T*` may be there any number of times, `-` may be of any type; `name!` must be there.
 */
export const schemaLines = `
Abs T > T ; consumed_inputs:I ; T=numbers
Acos T > T ; ; T=floats
Acosh T > T ; ; T=floats
Add T T > T ; axis:i broadcast:i consumed_inputs:I ; T=numbers
AffineGrid T1 T2 > T1 ; align_corners:i ; T1=floats T2=int64
And T T > T1 ; axis:i broadcast:i ; T=bool T1=bool
ArgMax T > int64 ; axis:i keepdims:i select_last_index:i ; T=numbers
ArgMin T > int64 ; axis:i keepdims:i select_last_index:i ; T=numbers
Asin T > T ; ; T=floats
Asinh T > T ; ; T=floats
Atan T > T ; ; T=floats
Atanh T > T ; ; T=floats
Attention T1 T1 T2 U? T1? T2? int64? > T1 T1? T2? T1? ; is_causal:i kv_num_heads:i left_window_size:i q_num_heads:i qk_matmul_output_mode:i right_window_size:i scale:f softcap:f softmax_precision:i ; T1=floats T2=floats U=any
AveragePool T > T ; auto_pad:s ceil_mode:i count_include_pad:i dilations:I kernel_shape!:I pads:I strides:I ; T=floats
BatchNormalization T T1 T1 T2 T2 > T T2? T2? -? -? ; consumed_inputs:I epsilon:f is_test:i momentum:f spatial:i training_mode:i ; T=floats T1=floats T2=floats
Cast T1 > T2 ; round_mode:s saturate:i to!:is ; T1=any T2=any
CastLike T1 T2 > T2 ; round_mode:s saturate:i ; T1=any T2=any
Ceil T > T ; consumed_inputs:I ; T=floats
Celu T > T ; alpha:f ; T=float32
Clip T T? T? > T ; consumed_inputs:I max:f min:f ; T=numbers
Col2Im T int64 int64 > T ; dilations:I pads:I strides:I ; T=any
Concat T+ > T ; axis:i ; T=any
ConcatFromSequence - > T ; axis!:i new_axis:i ; T=any
Constant > T ; sparse_value:x value:t value_float:f value_floats:F value_int:i value_ints:I value_string:s value_strings:S ; T=any
ConstantOfShape T1 > T2 ; value:t ; T1=int64 T2=any
Conv T T T? > T ; auto_pad:s dilations:I group:i kernel_shape:I pads:I strides:I ; T=floats
ConvTranspose T T T? > T ; auto_pad:s dilations:I group:i kernel_shape:I output_padding:I output_shape:I pads:I strides:I ; T=floats
Cos T > T ; ; T=floats
Cosh T > T ; ; T=floats
CumSum T T2 > T ; exclusive:i reverse:i ; T=float16,float32,float64,int32,int64,uint32,uint64 T2=int32,int64
DepthToSpace T > T ; blocksize!:i mode:s ; T=any
Div T T > T ; axis:i broadcast:i consumed_inputs:I ; T=numbers
Dropout T T1? T2? > T T2? ; consumed_inputs:I is_test:i ratio:f seed:i ; T=floats T1=floats T2=bool
Einsum T+ > T ; equation!:s ; T=numbers
Elu T > T ; alpha:f consumed_inputs:I ; T=floats
Equal T T > T1 ; axis:i broadcast:i ; T=any T1=bool
Erf T > T ; ; T=floats
Exp T > T ; consumed_inputs:I ; T=floats
Expand T int64 > T ; ; T=any
EyeLike T1 > T2 ; dtype:i k:i ; T1=any T2=any
Flatten T > T ; axis:i ; T=any
Floor T > T ; consumed_inputs:I ; T=floats
Gather T Tind > T ; axis:i ; T=any Tind=int32,int64
GatherElements T Tind > T ; axis:i ; T=any Tind=int32,int64
GatherND T int64 > T ; batch_dims:i ; T=any
Gelu T > T ; approximate:s ; T=floats
Gemm T T T? > T ; alpha:f beta:f broadcast:i transA:i transB:i ; T=float16,float32,float64,int32,int64,uint32,uint64
GlobalAveragePool T > T ; ; T=floats
GlobalMaxPool T > T ; ; T=floats
Greater T T > T1 ; axis:i broadcast:i ; T=numbers T1=bool
GreaterOrEqual T T > T1 ; ; T=numbers T1=bool
GridSample T1 T2 > T1 ; align_corners:i mode:s padding_mode:s ; T1=any T2=floats
GroupNormalization T T T > T ; epsilon:f num_groups!:i stash_type:i ; T=floats
HardSigmoid T > T ; alpha:f beta:f consumed_inputs:I ; T=floats
HardSwish T > T ; ; T=floats
Hardmax T > T ; axis:i ; T=floats
Identity - > - ; ;
If B > -+ ; else_branch!:g then_branch!:g ; B=bool
InstanceNormalization T T T > T ; consumed_inputs:I epsilon:f ; T=floats
IsInf T1 > T2 ; detect_negative:i detect_positive:i ; T1=floats T2=bool
IsNaN T1 > T2 ; ; T1=floats T2=bool
LRN T > T ; alpha:f beta:f bias:f size!:i ; T=floats
LayerNormalization T T T? > T U? U? ; axis:i epsilon:f stash_type:i ; T=floats U=float32
LeakyRelu T > T ; alpha:f consumed_inputs:I ; T=floats
Less T T > T1 ; axis:i broadcast:i ; T=numbers T1=bool
LessOrEqual T T > T1 ; ; T=numbers T1=bool
Log T > T ; consumed_inputs:I ; T=floats
LogSoftmax T > T ; axis:i ; T=floats
LpNormalization T > T ; axis:i p:i ; T=floats
LpPool T > T ; auto_pad:s ceil_mode:i dilations:I kernel_shape:I p:fi pads:I strides:I ; T=floats
MatMul T T > T ; ; T=float16,float32,float64,int32,int64,uint32,uint64
Max T+ > T ; consumed_inputs:I ; T=numbers
MaxPool T > T I? ; auto_pad:s ceil_mode:i dilations:I kernel_shape!:I pads:I storage_order:i strides:I ; I=int64 T=float16,float32,float64,int8,uint8
MaxUnpool T1 T2 T2? > T1 ; kernel_shape!:I pads:I strides:I ; T1=floats T2=int64
Mean T+ > T ; consumed_inputs:I ; T=floats
Min T+ > T ; consumed_inputs:I ; T=numbers
Mish T > T ; ; T=floats
Mod T T > T ; fmod:i ; T=numbers
Mul T T > T ; axis:i broadcast:i consumed_inputs:I ; T=numbers
Neg T > T ; consumed_inputs:I ; T=float16,float32,float64,int16,int32,int64,int8
Not T > T ; ; T=bool
OneHot T1 T2 T3 > T3 ; axis:i ; T1=numbers T2=numbers T3=any
Or T T > T1 ; axis:i broadcast:i ; T=bool T1=bool
PRelu T T > T ; consumed_inputs:I ; T=float16,float32,float64,int32,int64,uint32,uint64
Pad T int64? T? Tind? > T ; mode:s paddings:I pads:I value:f ; T=any Tind=int32,int64
Pow T T1 > T ; axis:i broadcast:i ; T=float16,float32,float64,int32,int64 T1=numbers
RMSNormalization T V > V ; axis:i epsilon:f stash_type:i ; T=floats V=floats
Range T T T > T ; ; T=float32,float64,int16,int32,int64
Reciprocal T > T ; consumed_inputs:I ; T=floats
ReduceL1 T int64? > T ; axes:I keepdims:i noop_with_empty_axes:i ; T=float16,float32,float64,int32,int64,uint32,uint64
ReduceL2 T int64? > T ; axes:I keepdims:i noop_with_empty_axes:i ; T=float16,float32,float64,int32,int64,uint32,uint64
ReduceLogSum T int64? > T ; axes:I keepdims:i noop_with_empty_axes:i ; T=float16,float32,float64,int32,int64,uint32,uint64
ReduceLogSumExp T int64? > T ; axes:I keepdims:i noop_with_empty_axes:i ; T=float16,float32,float64,int32,int64,uint32,uint64
ReduceMax T int64? > T ; axes:I keepdims:i noop_with_empty_axes:i ; T=bool,float16,float32,float64,int32,int64,int8,uint32,uint64,uint8
ReduceMean T int64? > T ; axes:I keepdims:i noop_with_empty_axes:i ; T=float16,float32,float64,int32,int64,uint32,uint64
ReduceMin T int64? > T ; axes:I keepdims:i noop_with_empty_axes:i ; T=bool,float16,float32,float64,int32,int64,int8,uint32,uint64,uint8
ReduceProd T int64? > T ; axes:I keepdims:i noop_with_empty_axes:i ; T=float16,float32,float64,int32,int64,uint32,uint64
ReduceSum T int64? > T ; axes:I keepdims:i noop_with_empty_axes:i ; T=float16,float32,float64,int32,int64,uint32,uint64
ReduceSumSquare T int64? > T ; axes:I keepdims:i noop_with_empty_axes:i ; T=float16,float32,float64,int32,int64,uint32,uint64
Relu T > T ; consumed_inputs:I ; T=float16,float32,float64,int16,int32,int64,int8
Reshape T int64? > T ; allowzero:i consumed_inputs:I shape:I ; T=any
Resize T1 T2? float32? int64? > T1 ; antialias:i axes:I coordinate_transformation_mode:s cubic_coeff_a:f exclude_outside:i extrapolation_value:f keep_aspect_ratio_policy:s mode:s nearest_mode:s ; T1=any T2=floats
RoiAlign T1 T1 T2 > T1 ; coordinate_transformation_mode:s mode:s output_height:i output_width:i sampling_ratio:i spatial_scale:f ; T1=floats T2=int64
RotaryEmbedding T T T M? > T ; interleaved:i num_heads:i rotary_embedding_dim:i ; M=int64 T=float16,float32
Round T > T ; ; T=floats
Scatter T Tind T > T ; axis:i ; T=any Tind=int32,int64
ScatterElements T Tind T > T ; axis:i reduction:s ; T=any Tind=int32,int64
ScatterND T int64 T > T ; reduction:s ; T=any
Selu T > T ; alpha:f consumed_inputs:I gamma:f ; T=floats
SequenceAt - I > T ; ; I=int32,int64 T=any
SequenceConstruct T+ > - ; ; T=any
SequenceEmpty > - ; dtype:i ;
SequenceErase - I? > - ; ; I=int32,int64
SequenceInsert - T I? > - ; ; I=int32,int64 T=any
SequenceLength - > I ; ; I=int64
Shape T > T1 ; end:i start:i ; T=any T1=int64
Sigmoid T > T ; consumed_inputs:I ; T=floats
Sign T > T ; ; T=numbers
Sin T > T ; ; T=floats
Sinh T > T ; ; T=floats
Size T > T1 ; ; T=any T1=int64
Slice T Tind? Tind? Tind? Tind? > T ; axes:I ends:I starts:I ; T=any Tind=int32,int64
Softmax T > T ; axis:i ; T=floats
Softplus T > T ; ; T=floats
Softsign T > T ; ; T=floats
SpaceToDepth T > T ; blocksize!:i ; T=any
Split T int64? > T+ ; axis:i num_outputs:i split:I ; T=any
SplitToSequence T I? > - ; axis:i keepdims:i ; I=int32,int64 T=any
Sqrt T > T ; consumed_inputs:I ; T=floats
Squeeze T int64? > T ; axes:I ; T=any
Sub T T > T ; axis:i broadcast:i consumed_inputs:I ; T=numbers
Sum T+ > T ; consumed_inputs:I ; T=floats
Swish T > T ; alpha:f ; T=floats
Tan T > T ; ; T=floats
Tanh T > T ; consumed_inputs:I ; T=floats
ThresholdedRelu T > T ; alpha:f ; T=floats
Tile T T1 -? > T ; ; T=any T1=int64
TopK T int64? > T I ; axis:i k:i largest:i sorted:i ; I=int64 T=numbers
Transpose T > T ; perm:I ; T=any
Trilu T int64? > T ; upper:i ; T=any
Unsqueeze T int64? > T ; axes:I ; T=any
Upsample T float32? > T ; height_scale:f mode:s scales:F width_scale:f ; T=any
Where B T T > T ; ; B=bool T=any
Xor T T > T1 ; axis:i broadcast:i ; T=bool T1=bool
`;
