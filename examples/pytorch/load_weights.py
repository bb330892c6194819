import json, torch

def load_weights(module, path):
    """Puts the tensors of a safetensors file that alignreg wrote into a module; returns the names it had nothing for."""
    data = bytearray(open(path, "rb").read())
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    metadata = header.pop("__metadata__", {})
    for key, what in (("folded", "folded BatchNormalization into"), ("computed", "may have computed of the module's weights:")):
        if f"alignreg.{key}" in metadata:
            names = metadata[f"alignreg.{key}"]
            raise ValueError(f"The exporter {what} {names}. Export without folding, and train again.")
    # Tied weights have several names each, of which a file has one.
    own = {f"{path}.{name}".lstrip("."): tensor for path, part in module.named_modules(remove_duplicate=False)
           for name, tensor in [*part._parameters.items(), *part._buffers.items()] if tensor is not None}
    unknown = [name for name in header if name not in own]
    if unknown:
        raise ValueError(f"The module has no {', '.join(unknown)}: its names are other ones than the export's.")
    dtypes = {"F32": torch.float32, "F64": torch.float64, "F16": torch.float16, "BOOL": torch.bool, "U8": torch.uint8,
              "I8": torch.int8, "I16": torch.int16, "I32": torch.int32, "I64": torch.int64}
    with torch.no_grad():
        for name, tensor in header.items():
            values = torch.frombuffer(data[start:][slice(*tensor["data_offsets"])], dtype=dtypes[tensor["dtype"]])
            own[name].copy_(values.reshape(tensor["shape"]))
    loaded = {id(own[name]) for name in header}
    return [n for n, t in own.items() if id(t) not in loaded and not n.endswith("num_batches_tracked")]
