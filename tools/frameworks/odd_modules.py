"""
What alignreg_export.py does with modules that are wrapped, half, lazy, in training, or return records; and that it leaves them
as they were: `python tools/frameworks/odd_modules.py`, with any PyTorch.
"""
import copy
import json
import struct
import sys
import tempfile
import warnings
from pathlib import Path

import torch
from torch import nn

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[2] / "python")]
from alignreg_export import export, load_weights, tensors_of  # noqa: E402
from small_nets import SMALL, TwoLayers  # noqa: E402

IMAGES = torch.rand(2, 3, 16, 16)
FOLDER = Path(tempfile.mkdtemp())


def exported(module, images=IMAGES):
    """The bytes of the file; the module, its modes, its buffers and the random numbers must be as they were."""
    state, modes, random = copy.deepcopy(module.state_dict()), [m.training for m in module.modules()], torch.random.get_rng_state()
    forwards = [vars(m).get("forward") for m in module.modules()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        export(module, images, FOLDER / "net.onnx")
    assert all(torch.equal(value, module.state_dict()[name]) for name, value in state.items())
    assert modes == [m.training for m in module.modules()]
    assert torch.equal(random, torch.random.get_rng_state())
    assert forwards == [vars(m).get("forward") for m in module.modules()]
    return (FOLDER / "net.onnx").read_bytes()


def lists_in(data):
    """The two lists, from the end of the file."""
    text = data[data.rindex(b"alignreg.parameters"):].decode("utf8", "replace")
    return [json.loads(part[: part.index("]") + 1]) for part in (text[i:] for i, c in enumerate(text) if c == "[")][:2]


def weights_file(tensors, **metadata):
    """A safetensors file, as alignreg writes it."""
    header, data = {"__metadata__": metadata} if metadata else {}, b""
    for name, tensor in tensors.items():
        kind = {torch.float32: ("F32", "f"), torch.int64: ("I64", "q")}[tensor.dtype]
        raw = struct.pack(f"<{tensor.numel()}{kind[1]}", *tensor.flatten().tolist())
        header[name] = {"dtype": kind[0], "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    (FOLDER / "weights.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + data)
    return FOLDER / "weights.safetensors"


def refused(run, words):
    try:
        run()
    except ValueError as error:
        assert words in str(error), error
    else:
        raise AssertionError(f"not refused: {words}")


def check_modes():
    module = SMALL["batch-norm"]().train()
    module[0].eval()
    exported(module)
    if not torch.__version__.startswith("1."):  # whose SyncBatchNorm runs on a GPU only
        exported(nn.Sequential(nn.Conv2d(3, 4, 3), nn.SyncBatchNorm(4), nn.Flatten(), nn.Linear(4 * 196, 5)).train())
    exported(module, IMAGES[:1])


def check_wrappers():
    plain = lists_in(exported(TwoLayers()))
    assert plain[0] == [n for n, _ in TwoLayers().named_parameters()] and plain[1] == []
    assert lists_in(exported(nn.DataParallel(TwoLayers()))) == plain
    if hasattr(torch, "compile"):
        assert lists_in(exported(torch.compile(TwoLayers()))) == plain
    frozen = lists_in(exported(SMALL["frozen"]()))
    assert frozen[0] == plain[0][2:] and set(frozen[1]) == {"scale", *plain[0][:2]}
    (tied,) = [n for n in lists_in(exported(SMALL["tied"]()))[0] if n in ("encode.weight", "again.weight")]
    assert tied
    records = lists_in(exported(SMALL["record"]()))
    assert records == plain


def check_refusals():
    refused(lambda: exported(TwoLayers().half()), "torch.float16")
    refused(lambda: exported(TwoLayers().bfloat16()), "float()")
    refused(lambda: exported(TwoLayers().double()), "torch.float64")
    refused(lambda: exported(nn.Sequential(nn.Flatten(), nn.LazyLinear(5))), "lazy")
    refused(lambda: exported(TwoLayers(), (IMAGES, IMAGES)), "one tensor of images")
    refused(lambda: exported(TwoLayers(), {"pixel_values": IMAGES}), "pixel_values")


class WithTemperature(nn.Module):
    """A model of two inputs in a module that has the other."""

    def __init__(self):
        super().__init__()
        self.net, self.temperature = TwoLayers(), 0.5

    def forward(self, x):
        return self.net(x) / self.temperature


def check_advice():
    assert lists_in(exported(TwoLayers().half().float())) == lists_in(exported(TwoLayers()))
    lazy = nn.Sequential(nn.Flatten(), nn.LazyLinear(5))
    lazy(IMAGES)
    assert lists_in(exported(lazy))[0] == ["1.weight", "1.bias"]
    assert lists_in(exported(WithTemperature()))[0][0] == "net.stem.0.weight"


def check_home():
    module, other = SMALL["tied"](), SMALL["tied"]()
    names = [n for n in tensors_of(module) if n != "encode.weight"]
    assert load_weights(other, weights_file({n: tensors_of(module)[n].detach() for n in names})) == []
    assert torch.equal(module(IMAGES), other(IMAGES)) and other.again.weight is other.encode.weight
    wrapped = {f"module.{n}": t for n, t in SMALL["batch-norm"]().state_dict().items()}
    fresh = SMALL["batch-norm"]()
    fresh[1].num_batches_tracked += 7
    load_weights(fresh, weights_file(wrapped))
    assert all(torch.equal(fresh.state_dict()[n[7:]], t) for n, t in wrapped.items())
    load_weights(nn.DataParallel(fresh), weights_file(wrapped))
    before = copy.deepcopy(fresh.state_dict())
    refused(lambda: load_weights(fresh, weights_file({"0.weight": torch.ones(1), "7.weight": torch.ones(5, 192)})), "0.weight")
    refused(lambda: load_weights(fresh, weights_file({**fresh.state_dict(), "more": torch.ones(1)})), "more")
    refused(lambda: load_weights(fresh, weights_file({"0.weight": torch.ones(8, 3, 3, 3)}, **{"alignreg.folded": "0.weight"})), "folded")
    assert all(torch.equal(value, fresh.state_dict()[name]) for name, value in before.items())


if __name__ == "__main__":
    torch.set_num_threads(1)
    for check in (check_modes, check_wrappers, check_refusals, check_advice, check_home):
        check()
        print(f"{check.__name__} holds with PyTorch {torch.__version__}", flush=True)
