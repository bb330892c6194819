"""What was trained outside beside PyTorch's own three steps, and whether it comes home."""
import json
import re

import alignreg_export
import torch

from nets import made, nets_of
from training import floating, normalized, three_steps

DTYPES = {"F32": torch.float32, "BOOL": torch.bool, "U8": torch.uint8, "I32": torch.int32, "I64": torch.int64}


def verify(folder):
    """Writes rows.json: a row of docs/frameworks.md for each file."""
    listed = json.loads((folder / "nets.json").read_text())
    nets = {net.name: net for net in nets_of(listed["set"])}
    rows = []
    for record in listed["nets"]:
        images = torch.frombuffer(bytearray((folder / f"{record['net']}.pixels").read_bytes()), dtype=torch.uint8)
        record["images"] = images.reshape(-1, *record["image"])
        references = {}
        for file in record["files"]:
            rows.append(row_of(folder, nets[record["net"]], record, file, references))
            print(json.dumps(rows[-1])[:220], flush=True)
    (folder / "rows.json").write_text(json.dumps({"versions": listed["versions"], "rows": rows}))


def row_of(folder, net, record, file, references):
    row = {"net": net.name, "framework": net.framework, "exporter": file["exporter"]}
    if file["opset"]:
        row["opset"] = file["opset"]
    if "failed" in file:
        row["refused"] = f"PyTorch: {plain_text(file['failed'])}"
        if any(f["exporter"] == "alignreg_export.py" and "failed" not in f for f in record["files"]):
            row["advice"] = "alignreg_export.py takes the other exporter there."
        return row
    path = folder / file["file"].removesuffix(".onnx")
    result = json.loads(path.with_suffix(".json").read_text())
    if "refused" in result:
        return {**row, "refused": result["refused"]}
    for folds in {None, file["folds"]} - references.keys():
        references[folds] = Reference(net, record, folds)
    plain, same = references[None], references[file["folds"]]
    tied = plain.tied if file["folds"] is None else {}
    trained = {tied.get(name, name) for name in result["trained"]}
    missing = plain.gradients - trained
    # Folding is no fault where a note says it.
    folded = missing - same.gradients if any("folded" in note for note in result["notes"]) else set()
    row["trains"] = sorted(missing - folded) or "all"
    if folded:
        row["folded"] = sorted(folded)
    if missing - folded and all(named(name, result["notes"]) for name in missing - folded):
        row["advice"] = "A note before the training names them, and the line that exports them."
    learnt = {n for reference in (plain, same) for n, p in reference.module.named_parameters() if p.requires_grad}
    # A bias that folding made, of a layer that had none.
    trained -= {n for n in trained if folded and n.removesuffix(".weight_bias") + ".bias" in learnt}
    if trained - learnt:
        row["besides"] = sorted(trained - learnt)
        if set(row["besides"]) <= plain.names:
            row["advice"] = "The file says neither of requires_grad=False nor of buffers: alignreg_export.py does; or name what trains."
    ours = torch.frombuffer(bytearray(path.with_suffix(".logits").read_bytes()), dtype=torch.float32).reshape(same.logits.shape)
    weights = {n: t for n, t in tensors_of(path.with_suffix(".safetensors")).items() if n in same.after and t.shape == same.after[n].shape}
    row["numbers"] = rounded(max([relative(ours, same.logits), *(relative(t, same.after[n]) for n, t in weights.items())]))
    row["home"] = home(path.with_suffix(".safetensors"), net, record, ours)
    return row


def named(name, notes):
    """Whether a note says that the file has lost a parameter; notes write `*` for the parts in which names differ."""
    patterns = [p for note in notes for said in re.findall(r"(?:is|are) not in the file, .*? left them out: (.*?)\. To ", note) for p in said.split(", ")]
    return any(re.fullmatch(re.escape(re.sub(r" \(.*", "", p)).replace(r"\*", "[^.]*"), name) for p in patterns)


def plain_text(error):
    """The cause that an exporter gives, in one line without colours."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", error).strip().splitlines()
    return re.sub(r" This is step .*", "", " ".join(lines))[:200]


def home(path, net, record, ours):
    """The error of the logits of a fresh module with the weights, or "refused"."""
    module, exported = made(net, record["seed"] + 1), made(net, record["seed"]).state_dict(keep_vars=True)
    try:
        rest = alignreg_export.load_weights(module, path)
    except ValueError as error:
        return "refused" if "The exporter" in str(error) else str(error)[:200]
    before = {**exported, **dict(made(net, record["seed"]).named_buffers())}
    own = {**module.state_dict(keep_vars=True), **dict(module.named_buffers())}
    with torch.no_grad():
        for name in rest:
            own[name].copy_(before[name])
        return rounded(relative(ours, FirstOutput(module.eval())(normalized(record["images"].float() / 255))))


class Reference:
    """PyTorch's three steps in float64 on the module, or on the module folded as an exporter folds it ("newer", "older")."""

    def __init__(self, net, record, folds):
        self.module = made(net, record["seed"])
        names = {id(p): n for n, p in self.module.named_parameters()}
        every = [(f"{at}.{n}".lstrip("."), p) for at, part in self.module.named_modules(remove_duplicate=False) for n, p in part._parameters.items()]
        self.names = {*names.values(), *dict(self.module.named_buffers())}
        self.tied = {n: names[id(p)] for n, p in every if p is not None}
        if folds is not None:
            from fold import fold
            from table import READ_TWICE

            self.module = fold(self.module, net.image, folds == "newer", READ_TWICE.get(net.name, ()))
        images, labels = record["images"].double() / 255, torch.tensor(record["labels"])
        trained, gradients = three_steps(FirstOutput(self.module.double()), images, labels)
        self.gradients = {name[len("module."):] for name in gradients}
        self.after = floating(trained.module.state_dict())
        with torch.no_grad():
            self.logits = trained.eval()(normalized(images))


class FirstOutput(torch.nn.Module):
    """Logits alone."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, x):
        return alignreg_export.logits_in(self.module(x))


def tensors_of(path):
    data = bytearray(path.read_bytes())
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    return {
        name: torch.frombuffer(data[start:][slice(*t["data_offsets"])], dtype=DTYPES[t["dtype"]]).reshape(t["shape"])
        for name, t in header.items() if t["dtype"] == "F32" and 0 not in t["shape"]
    }


def relative(got, want):
    return ((got.double() - want.double()).abs().max() / want.double().abs().max().clamp_min(1e-30)).item()


def rounded(value):
    return float(f"{value:.1e}")
