import json, torch

def load_weights(module, path):
    """Puts the tensors of a safetensors file that alignreg wrote into a module."""
    data = bytearray(open(path, "rb").read())
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    read = lambda t: torch.frombuffer(data[start:][slice(*t["data_offsets"])], dtype=torch.float32)
    state = {n: read(t).reshape(t["shape"]) for n, t in header.items() if n != "__metadata__"}
    missing, unknown = module.load_state_dict(state, strict=False)
    assert not unknown and all(n.endswith("num_batches_tracked") for n in missing), (missing, unknown)
