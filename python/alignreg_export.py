"""A PyTorch classifier to alignreg, and its trained weights home. Needs torch alone: copy this file beside your code."""
import functools, inspect, json, pathlib, torch, warnings

def export(model, example, path):
    """Writes a module as an ONNX file for any batch size, each tensor under its own name, nothing folded, nn.Dropout kept
    so that it trains. The module stays as it is. `example`: images as the module takes them, [N, C, H, W]."""
    model, path, tensors = bare(model), str(path), tensors_of(bare(model))
    if any(torch.nn.parameter.is_lazy(t) for t in tensors.values()):
        raise ValueError("The model has lazy layers without weights. Run it on images once, then export.")
    if odd := {str(t.dtype) for t in tensors.values() if t.is_complex() or t.is_floating_point() and t.dtype != torch.float32}:
        raise ValueError(f"The model has tensors of {', '.join(sorted(odd))}. alignreg trains float32: export model.float().")
    if not isinstance(example, torch.Tensor):
        raise ValueError("Give one tensor of images, as a processor's pixel_values. A model of more inputs needs a module around it.")
    images = torch.cat([example, example]).to(next(iter(tensors.values())).device)  # a batch of 1 is written as a constant
    forward, own, modes = model.forward, dict(vars(model)), {layer: layer.training for layer in model.modules()}
    before = {buffer: buffer.clone() for buffer in model.buffers()}
    try:
        for layer in modes:
            layer.training = type(layer) is torch.nn.Dropout and layer.p > 0
        model.forward = lambda images: logits_in(forward(images))
        with torch.random.fork_rng(devices=[]):
            write(model, images, path, sum(t.numel() * t.element_size() for t in tensors.values()) > 1.5e9)
    finally:
        del model.forward
        vars(model).update(own)
        for layer, mode in modes.items():
            layer.training = mode
        for buffer, value in before.items():
            buffer.data.copy_(value)
    size = lambda n: bytes([n]) if n < 128 else bytes([n & 127 | 128]) + size(n >> 7)
    field = lambda number, data: bytes([number << 3 | 2]) + size(len(data)) + data
    written = pathlib.Path(path).read_bytes()  # has a tied tensor under one of its names; TensorProto.name is field 8
    names = set({id(tensors[n]): n for n in sorted(reversed(tensors), key=lambda n: field(8, n.encode()) in written)}.values())
    learnt = [n for n in tensors if n in names and isinstance(tensors[n], torch.nn.Parameter) and tensors[n].requires_grad]
    lists = {"parameters": learnt, "buffers": [n for n in tensors if n in names and n not in learnt]}
    with open(path, "ab") as file:  # ModelProto.metadata_props is field 14; what is appended is merged
        file.writelines(field(14, field(1, f"alignreg.{k}".encode()) + field(2, json.dumps(v).encode())) for k, v in lists.items())

def write(model, images, path, is_large):
    export = functools.partial(torch.onnx.export, model, (images,), path, input_names=["images"], output_names=["logits"])
    dynamo = inspect.signature(torch.onnx.export).parameters.get("dynamo")
    if dynamo and dynamo.default:  # PyTorch 2.9 and newer
        try:
            return export(dynamo=True, optimize=False, opset_version=18, dynamic_shapes=({0: torch.export.Dim("batch", min=2)},),
                          external_data=is_large, verbose=False)
        except Exception as error:
            warnings.warn(f"PyTorch's older exporter writes {path}, as the newer one cannot: {str(error)[:300]}")
    export(opset_version=17, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False,
           dynamic_axes={"images": {0: "batch"}, "logits": {0: "batch"}}, **({"dynamo": False} if dynamo else {}))

def logits_in(output):
    return output if isinstance(output, torch.Tensor) else output["logits"] if hasattr(output, "keys") else output[0]

def bare(model):
    wraps = type(model).__name__ in ("DataParallel", "DistributedDataParallel", "OptimizedModule")
    return bare(getattr(model, "_orig_mod", None) or model.module) if wraps else model

def tensors_of(model):  # by every name: tied ones have several
    return {f"{at}.{name}".lstrip("."): tensor for at, part in model.named_modules(remove_duplicate=False)
            for name, tensor in [*part._parameters.items(), *part._buffers.items()] if tensor is not None}

def load_weights(model, path):
    """Puts the tensors of a safetensors file that alignreg wrote into a module; returns the names it had nothing for."""
    data, own = bytearray(pathlib.Path(path).read_bytes()), tensors_of(bare(model))
    header, body = json.loads(data[8:8 + (size := int.from_bytes(data[:8], "little"))]), memoryview(data)[8 + size:]
    metadata = header.pop("__metadata__", {})
    for key, what in (("folded", "folded BatchNormalization into"), ("computed", "may have computed of the module's weights:")):
        if names := metadata.get(f"alignreg.{key}"):
            raise ValueError(f"The exporter {what} {names}. Export by alignreg_export.py, and train again.")
    renamed = (lambda n: n) if any(n in own for n in header) else (lambda n: n.partition(".")[2])  # a module was around it
    axes = lambda shape: [n for n in shape if n != 1]  # those of length 1 are lost where an exporter folded a view
    if wrong := [n for n in header if renamed(n) not in own or axes(own[renamed(n)].shape) != axes(header[n]["shape"])]:
        raise ValueError(f"The module has no {', '.join(wrong)} of that shape: it is not the one that was exported.")
    dtypes = {"F32": torch.float32, "U8": torch.uint8, "I32": torch.int32, "I64": torch.int64, "BOOL": torch.bool}
    for name, tensor in ((n, t) for n, t in header.items() if 0 not in t["shape"]):
        values = torch.frombuffer(body[slice(*tensor["data_offsets"])], dtype=dtypes[tensor["dtype"]])
        own[renamed(name)].data.copy_(values.reshape(own[renamed(name)].shape))
    rest = set(map(id, own.values())) - {id(own[renamed(n)]) for n in header}
    return [n for n, t in own.items() if id(t) in rest and not n.endswith("num_batches_tracked")]
