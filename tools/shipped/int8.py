"""Writes 8-bit integers of a model's ONNX file by onnxruntime's static quantization, calibrated on photographs.

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 pillow==13.0.0
    venv/bin/python tools/shipped/int8.py MODEL.onnx FOLDER OUT.onnx

Convolutions (per channel) and sums in quantize-dequantize pairs; the range of each activation is the least and the greatest that 100
pictures of the folder give, every so many-th by name. They are stretched to the model's size, as it was trained. Clip must be among the
operators: without it a convolution's 256 steps are spread over what ReLU6 cuts off, and the answers are lost. The head stays as it is:
the root of a small feature magnifies its step.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from PIL import Image

COUNT = 100


class Pictures(CalibrationDataReader):
    def __init__(self, model, folder):
        facts = {entry.key.removeprefix("alignreg."): entry.value for entry in model.metadata_props}
        assert facts["resize"] == "stretch" and facts["channelOrder"] == "rgb"
        self.input = model.graph.input[0].name
        _, self.height, self.width = json.loads(facts["imageShape"])
        self.scale = json.loads(facts["inputRange"]) / 255
        shape = (3, 1, 1)
        self.mean = np.array(json.loads(facts["mean"]), np.float32).reshape(shape)
        self.std = np.array(json.loads(facts["std"]), np.float32).reshape(shape)
        files = sorted(path for path in Path(folder).rglob("*") if path.suffix in {".png", ".jpg", ".jpeg"})
        self.files = iter(files[:: max(1, len(files) // COUNT)][:COUNT])

    def get_next(self):
        path = next(self.files, None)
        if path is None:
            return None
        picture = Image.open(path).convert("RGB").resize((self.width, self.height), Image.Resampling.BILINEAR)
        pixels = np.asarray(picture, np.float32).transpose(2, 0, 1) * self.scale
        return {self.input: ((pixels - self.mean) / self.std)[None]}


source, folder, out = sys.argv[1:]
model = onnx.load(source)
quantize_static(
    source,
    out,
    Pictures(model, folder),
    quant_format=QuantFormat.QDQ,
    activation_type=QuantType.QUInt8,
    weight_type=QuantType.QInt8,
    per_channel=True,
    reduce_range=False,
    op_types_to_quantize=["Conv", "Clip", "Add"],
)
made = onnx.load(out)
del made.metadata_props[:]
made.metadata_props.extend(model.metadata_props)
onnx.save(made, out)
