"""HDF5 files in every form that Keras' h5py may write, and in forms that are refused, for src/keras/archive/hdf5.

Made with h5py 3.14.0 (HDF5 1.14.6) and NumPy 2.4.6:

    python tools/keras-files/hdf5_forms.py test/fixtures/hdf5

Each file that is read has its numbers and texts in forms.json, as h5py reads them; the others have what is wrong there.
"""

import json
import os
import sys

import h5py
import numpy as np

FOLDER = sys.argv[1]
NUMBERS = {
    "float32": np.linspace(-1, 1, 6, dtype="<f4").reshape(2, 3),
    "float64": np.linspace(-1, 1, 4, dtype="<f8"),
    "float16": np.linspace(-1, 1, 4, dtype="<f2"),
    "int64": np.int64(-7),
    "uint32": np.arange(3, dtype="<u4"),
    "int8": np.arange(-2, 2, dtype="<i1"),
    "bool": np.array([True, False]),
    "empty": np.zeros((0, 3), "<f4"),
}


def model(file, links, attributes):
    """Groups of several depths, more links and attributes than fit where few do, texts short and long."""
    for name, numbers in NUMBERS.items():
        file[f"layers/dense/vars/{name}"] = numbers
    for index in range(links):
        file[f"many/{index}"] = np.float32(index)
    for index in range(attributes):
        file["layers/dense/vars"].attrs[f"text {index}"] = f"näme {index}"
    file.attrs["model_config"] = json.dumps({"layers": ["x" * 3000]})
    file.attrs["layer_names"] = [b"one", b"three"]
    file.attrs["fixed"] = np.bytes_("fixed")
    file.attrs["number"] = 3
    file.create_group("empty group")


def wrong_storage(name, fill):
    path = f"{FOLDER}/{name}.h5"
    with h5py.File(path, "w") as file:
        file["fine"] = np.float32(1)
        fill(file)


def compact(file):
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_layout(h5py.h5d.COMPACT)
    space = h5py.h5s.create_simple((4,))
    dataset = h5py.h5d.create(file.id, b"bad", h5py.h5t.IEEE_F32LE, space, properties)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ones(4, "<f4"))


def virtual(file):
    layout = h5py.VirtualLayout((2,), "<f4")
    layout[:] = h5py.VirtualSource("other.h5", "data", (2,))
    file.create_virtual_dataset("bad", layout)


def cycle(file):
    file.create_group("group/inner")
    file["group/inner/bad"] = file["group"]


def committed(file):
    file["type"] = np.dtype("<f4")
    file.create_dataset("bad", (2,), dtype=file["type"])


REFUSED = {
    "chunked": (lambda f: f.create_dataset("bad", data=np.ones(4, "f4"), chunks=(2,)), "chunked"),
    "compressed": (lambda f: f.create_dataset("bad", data=np.ones(4, "f4"), compression="gzip"), "filter"),
    "compact": (compact, "compact"),
    "virtual": (virtual, "virtual"),
    "external-storage": (
        lambda f: f.create_dataset("bad", (4,), "f4", external=[("/etc/hostname", 0, 16)]),
        "other files",
    ),
    "external-link": (lambda f: f.__setitem__("bad", h5py.ExternalLink("other.h5", "/data")), "an external link"),
    "soft-link": (lambda f: f.__setitem__("bad", h5py.SoftLink("/fine")), "a soft link"),
    "second-name": (lambda f: f.__setitem__("bad", f["fine"]), "second name"),
    "cycle": (cycle, "second name"),
    "big-endian": (lambda f: f.__setitem__("bad", np.ones(2, ">f4")), "big-endian"),
    "text": (lambda f: f.__setitem__("bad", "text"), "text"),
    "compound": (lambda f: f.__setitem__("bad", np.zeros(2, [("a", "f4")])), "compounds"),
    "complex": (lambda f: f.__setitem__("bad", np.ones(2, "c8")), "compounds"),
    "opaque": (lambda f: f.__setitem__("bad", np.zeros(2, "V2")), "bfloat16"),
    "never-written": (lambda f: f.create_dataset("bad", (4,), "f4"), "never written"),
    "committed-type": (committed, "shares a type"),
}


def contents(path):
    """What h5py reads: numbers as text of full precision, texts as lists."""
    datasets, attributes = {}, {}

    def visit(name, thing):
        if isinstance(thing, h5py.Dataset):
            numbers = np.asarray(thing[()])
            values = [float(x) for x in numbers.ravel()]
            datasets[name] = {"dtype": str(thing.dtype), "shape": list(thing.shape), "values": values}
        for key, value in thing.attrs.items():
            value = np.asarray(value)
            if value.dtype.kind in "OSU":
                texts = [x.decode() if isinstance(x, bytes) else str(x) for x in value.ravel()]
                attributes.setdefault(name, {})[key] = texts

    with h5py.File(path) as file:
        visit("", file)
        file.visititems(visit)
    return {"datasets": datasets, "attributes": attributes}


def main():
    os.makedirs(FOLDER, exist_ok=True)
    forms = {"read": {}, "refused": {}}
    # 300 names are more than the root of the oldest form's trees takes.
    versions = {"oldest": ("earliest", "v110", 300), "1.8": ("v108", "v108", 60), "latest": ("latest", "latest", 60)}
    for name, (low, high, links) in versions.items():
        path = f"{FOLDER}/{name}.h5"
        with h5py.File(path, "w", libver=(low, high)) as file:
            model(file, links=links, attributes=12)
        forms["read"][f"{name}.h5"] = contents(path)
    path = f"{FOLDER}/in-order-of-creation.h5"
    with h5py.File(path, "w", track_order=True, libver="latest") as file:
        model(file, links=20, attributes=10)
    forms["read"]["in-order-of-creation.h5"] = contents(path)
    for name, (fill, reason) in REFUSED.items():
        wrong_storage(name, fill)
        forms["refused"][f"{name}.h5"] = reason
    with h5py.File(f"{FOLDER}/user-block.h5", "w", userblock_size=512) as file:
        file["fine"] = np.float32(1)
    with open(f"{FOLDER}/forms.json", "w") as out:
        json.dump(forms, out, sort_keys=True)


main()
