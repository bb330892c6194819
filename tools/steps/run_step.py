"""
Runs training steps that write.ts wrote on any ONNX Runtime, and compares them with PyTorch on the same device.

    python tools/steps/run_step.py FOLDER... --provider CUDA [--torch eager,compile] [--tf32] [--json FILE]

For each folder: the losses of its 20 steps beside those of the CPU provider (1e-3 relative, else exit code 1), the median and
least milliseconds of a step with its state kept on the device, the nodes that fell back to the CPU, and PyTorch's own step:
the same model, weights, batch and objective (one forward without gradients over all views, the worst view of each image, one
forward and backward over clean and worst together, the update), eager and compiled.

Needs onnxruntime (onnxruntime-gpu for CUDA) and numpy; torch for --torch.
"""
import argparse
import collections
import json
import os
import statistics
import sys
import tempfile
import time

import numpy as np

try:
    # Brings CUDA's and cuDNN's libraries, which ONNX Runtime then finds loaded.
    import torch
except ImportError:
    torch = None
import onnxruntime as ort

BENCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bench", "peers")
sys.path.insert(0, BENCH)
from protocol import read_tensors  # noqa: E402

TOLERANCE = 1e-3
ALIGNMENT_WEIGHT, MOMENTUM, LEARNING_RATE = 0.5, 0.9, 1e-3
WARM_UP, TIMED = 10, 50


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--provider", default="CUDA", help="CUDA (default), CPU, or another that this ONNX Runtime has")
    parser.add_argument("--torch", default="", help="eager, compile or both, with a comma between")
    parser.add_argument("--tf32", action="store_true", help="let matrix units round float32 to TF32, in both")
    parser.add_argument("--json", help="a file for all figures")
    options = parser.parse_args()
    print(described(options), flush=True)
    rows = [row for folder in options.folders for row in rows_of(folder, options)]
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1)
    if not all(row["distance"] <= TOLERANCE for row in rows if row["strict"]):
        sys.exit(f"Losses are farther than {TOLERANCE} from the CPU's.")


def described(options):
    words = [f"onnxruntime {ort.__version__} ({', '.join(ort.get_available_providers())})"]
    if torch:
        device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
        words.append(f"torch {torch.__version__} on {device}")
    return "; ".join([*words, "TF32" if options.tf32 else "float32 throughout"])


def rows_of(folder, options):
    with open(os.path.join(folder, "step.json"), encoding="utf-8") as file:
        step = json.load(file)
    tensors = read_tensors(os.path.join(folder, "tensors.safetensors"))
    entrants = [("ONNX Runtime " + options.provider, lambda: OnnxStep(folder, step, tensors, options))]
    for way in filter(None, options.torch.split(",")):
        entrants.append(("PyTorch " + way, lambda way=way: TorchStep(step, tensors, way, options)))
    for name, open_step in entrants:
        runner = open_step()
        losses = [runner.step(k) for k in range(len(step["scalars"]))]
        distance = max(abs(a / b - 1) for a, b in zip(losses, step["losses"]))
        times = [timed(runner) for _ in range(WARM_UP + TIMED)][WARM_UP:]
        row = {
            "model": step["model"],
            "method": step["method"],
            "batch": step["batch"],
            "entrant": name,
            "median": statistics.median(times),
            "least": min(times),
            "distance": distance,
            # Coarser arithmetic, and another library's, are reported and not judged.
            "strict": name.startswith("ONNX") and not options.tf32,
            "nodes": runner.nodes(),
        }
        print(
            f"{row['model']} {row['method']}, batch {row['batch']}, {name}: {row['median']:.3f} ms [{row['least']:.3f}]; "
            f"losses within {distance:.1e} of the CPU's{row['nodes']}",
            flush=True,
        )
        yield row


def timed(runner):
    """A step after the losses were compared; the scalars of the last one serve, as they decide no time."""
    start = time.perf_counter_ns()
    runner.step(-1)
    return (time.perf_counter_ns() - start) / 1e6


class OnnxStep:
    """The step in ONNX Runtime; its state stays on the device, in two sets of buffers that take turns."""

    def __init__(self, folder, step, tensors, options):
        self.path, self.scalars, self.next = os.path.join(folder, "step.onnx"), step["scalars"], step["next"]
        self.device = "cuda" if options.provider == "CUDA" else "cpu"
        settings = {"use_tf32": str(int(options.tf32)), "cudnn_conv_algo_search": "EXHAUSTIVE"}
        name = options.provider + "ExecutionProvider"
        if name not in ort.get_available_providers():
            sys.exit(f"This ONNX Runtime has no {name}. It has: {', '.join(ort.get_available_providers())}.")
        self.providers = [(name, settings if options.provider == "CUDA" else {})]
        self.session = ort.InferenceSession(self.path, session_options(), providers=self.providers)
        if name not in self.session.get_providers():
            sys.exit(f"ONNX Runtime has {name} but could not load it; it names the missing library above.")
        value = ort.OrtValue.ortvalue_from_numpy
        self.batch = {name: value(tensors[name], self.device, 0) for name in ("images", "labels")}
        state = {name: tensors["state." + name] for name in self.next}
        self.now = {name: value(array, self.device, 0) for name, array in state.items()}
        self.then = {name: value(np.zeros_like(array), self.device, 0) for name, array in state.items()}

    def step(self, k):
        binding = self.session.io_binding()
        for name, value in {**self.batch, **self.now}.items():
            binding.bind_ortvalue_input(name, value)
        for name, value in self.scalars[k].items():
            binding.bind_cpu_input(name, np.array(value, np.float32))
        for name, output in self.next.items():
            binding.bind_ortvalue_output(output, self.then[name])
        binding.bind_output("loss", "cpu")
        self.session.run_with_iobinding(binding)
        self.now, self.then = self.then, self.now
        return float(binding.copy_outputs_to_cpu()[-1])

    def nodes(self):
        """How many of its nodes ran where, read from a profile of one step."""
        options = session_options()
        options.enable_profiling = True
        options.profile_file_prefix = os.path.join(tempfile.mkdtemp(), "step")
        profiled, self.session = self.session, ort.InferenceSession(self.path, options, providers=self.providers)
        self.step(-1)
        with open(self.session.end_profiling(), encoding="utf-8") as file:
            events = [event.get("args", {}) for event in json.load(file)]
        self.session = profiled
        placed = collections.Counter((a["provider"], a["op_name"]) for a in events if a.get("provider"))
        fallen = {op: count for (provider, op), count in placed.items() if provider == "CPUExecutionProvider"}
        total = sum(placed.values())
        if self.device == "cpu" or not fallen:
            return f"; {total} nodes"
        words = ", ".join(f"{count} {op}" for op, count in sorted(fallen.items(), key=lambda item: -item[1]))
        return f"; {sum(fallen.values())} of {total} nodes on the CPU: {words}"


def session_options():
    options = ort.SessionOptions()
    options.log_severity_level = 3
    return options


class TorchStep:
    """The same step in PyTorch, as one would write it with care."""

    def __init__(self, step, tensors, way, options):
        from torch_models import MODELS

        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = options.tf32
        torch.backends.cudnn.benchmark = True
        device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model = MODELS[step["model"]]().to(device)
        weights = {name[6:]: torch.from_numpy(v) for name, v in tensors.items() if name.startswith("model.")}
        self.model.load_state_dict(weights, strict=False)
        self.images = torch.from_numpy(tensors["images"]).to(device)
        self.labels = torch.from_numpy(tensors["labels"]).to(device)
        parameters = self.model.parameters()
        self.optimizer = (
            torch.optim.Adam(parameters, lr=LEARNING_RATE)
            if step["optimizer"] == "adam"
            else torch.optim.SGD(parameters, lr=LEARNING_RATE, momentum=MOMENTUM)
        )
        self.worst, self.loss = self.worst_rows, self.objective
        if way == "compile":
            self.worst, self.loss = torch.compile(self.worst_rows), torch.compile(self.objective)
        self.chooses = step["method"] == "rwa"

    def worst_rows(self, images, labels):
        """The clean images, then the member of the greatest cross-entropy of each, as rows of the views."""
        n = len(labels)
        losses = torch.nn.functional.cross_entropy(self.model(images), labels.repeat(len(images) // n), reduction="none")
        rows = torch.arange(n, device=labels.device)
        return torch.cat([rows, losses.view(-1, n).argmax(dim=0) * n + rows])

    def objective(self, images, labels):
        entropy = torch.nn.functional.cross_entropy
        if not self.chooses:
            return entropy(self.model(images), labels)
        z, z_worst = self.model(images).split(len(labels))
        distance = (z - z_worst).square().sum(dim=1).mean()
        return entropy(z, labels) + entropy(z_worst, labels) + ALIGNMENT_WEIGHT * distance

    def step(self, _):
        images = self.images
        if self.chooses:
            self.model.eval()
            with torch.no_grad():
                images = images.index_select(0, self.worst(images, self.labels))
        self.model.train()
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(images, self.labels)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def nodes(self):
        return ""


if __name__ == "__main__":
    main()
