"""
What the Python peers have in common: a subprocess that times blocks of steps on request.

It prints one line of JSON that introduces it, then answers each request on standard input with another:

    {"job": {...}, "warmUp": 5, "steps": 20} -> {"ms": [20 step times], "check": {...}, "peakMegabytes": 312.5}

or {"error": "..."} for a job that it cannot do. bench/job.ts has the fields. Between requests it waits in a blocking read,
so that it takes no processor time while another contender runs.
"""
import json
import sys
import time

import numpy as np

ALIGNMENT_WEIGHT = 0.5
MOMENTUM = 0.9
LEARNING_RATES = {"adam": 1e-3, "sgd": 1e-3}
OPTIMIZERS = {"lenet": "adam", "cifarCnn": "adam", "resnet18": "sgd"}
CLASSES = 10


class Unavailable(Exception):
    """A job that this installation cannot do; the message says why."""


def serve(header, open_job):
    """
    Answers requests until standard input ends.

    open_job(job, tensors) begins a job: an object with `step()`, which does all its work before it returns, and `check()`,
    the numbers that contenders of the same work agree on.
    """
    say(header)
    tasks, inputs = {}, None
    # readline, not iteration: iteration would read ahead and hold requests back.
    for line in iter(sys.stdin.readline, ""):
        request = json.loads(line)
        job = request["job"]
        if job["inputs"] != inputs:
            tasks.clear()
        inputs = job["inputs"]
        key = json.dumps(job)
        try:
            if key not in tasks:
                tasks[key] = open_job(job, read_tensors(inputs))
            say(run_block(tasks[key], request))
        except Unavailable as reason:
            say({"error": str(reason)})


def run_block(task, request):
    for _ in range(request["warmUp"]):
        task.step()
    times = []
    for _ in range(request["steps"]):
        start = time.perf_counter_ns()
        task.step()
        times.append((time.perf_counter_ns() - start) / 1e6)
    return {"ms": times, "check": task.check(), "peakMegabytes": peak_megabytes()}


def say(message):
    print(json.dumps(message), flush=True)


def read_tensors(path):
    """The tensors of a safetensors file, by name."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        start = file.tell()
        tensors = {}
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            begin, end = entry["data_offsets"]
            file.seek(start + begin)
            # A bytearray, as PyTorch wants memory that it may write.
            data = np.frombuffer(bytearray(file.read(end - begin)), {"F32": np.float32, "I64": np.int64}[entry["dtype"]])
            tensors[name] = data.reshape(entry["shape"])
    return tensors


def peak_megabytes():
    """The high-water mark of this process's resident memory, in MiB; None where the system does not tell."""
    try:
        with open("/proc/self/status", encoding="utf-8") as lines:
            return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))
    except OSError:
        return None
