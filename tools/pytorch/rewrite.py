"""
Files as other exporters write them, made from one that torch.onnx.export wrote.

"functions" follows what PyTorch's second exporter (dynamo=True) and onnxscript document of their files: opset 18, constants
as initializers called val_N, axes as inputs, operators as local functions that call one another. The exporter itself needs
a PyTorch that is newer than Debian's.
"""
from onnx import TensorProto, helper, numpy_helper

LIBRARY, COMMON = "pkg.onnxscript.torch_lib", "pkg.onnxscript.torch_lib.common"


def constants(model, _opset):
    """Weights as Constant nodes, as some exporters write them."""
    graph = model.graph
    nodes = [helper.make_node("Constant", [], [i.name], name=f"node {i.name}", value=i) for i in graph.initializer]
    rest = list(graph.node)
    del graph.initializer[:]
    del graph.node[:]
    graph.node.extend(nodes + rest)
    return model


def functions(model, opset):
    graph = model.graph
    renamed, nodes = {}, []
    for node in graph.node:
        if node.op_type == "Constant":
            value = numpy_helper.to_array(node.attribute[0].t)
            renamed[node.output[0]] = f"val_{len(renamed)}"
            graph.initializer.append(numpy_helper.from_array(value, renamed[node.output[0]]))
            continue
        node.input[:] = [renamed.get(name, name) for name in node.input]
        if node.op_type == "ReduceMean":
            axes = next(a for a in node.attribute if a.name == "axes")
            name = f"val_{len(renamed)}"
            renamed[name] = name
            graph.initializer.append(helper.make_tensor(name, TensorProto.INT64, [len(axes.ints)], axes.ints))
            node.input.append(name)
            node.attribute.remove(axes)
        if node.op_type == "HardSwish":
            node.domain, node.op_type = LIBRARY, "aten_hardswish"
        nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)

    imports = [helper.make_opsetid("", opset), helper.make_opsetid(COMMON, 1)]
    clipped = helper.make_function(
        COMMON,
        "gate",
        ["x"],
        ["y"],
        [helper.make_node("HardSigmoid", ["x"], ["y"], alpha=1 / 6, beta=0.5)],
        imports[:1],
    )
    hardswish = helper.make_function(
        LIBRARY,
        "aten_hardswish",
        ["self"],
        ["result"],
        [
            helper.make_node("gate", ["self"], ["share"], domain=COMMON),
            helper.make_node("Mul", ["self", "share"], ["result"]),
        ],
        imports,
    )
    del model.opset_import[:]
    model.opset_import.extend([*imports, helper.make_opsetid(LIBRARY, 1)])
    model.functions.extend([clipped, hardswish])
    model.ir_version = 8
    return model


REWRITES = {"constants": constants, "functions": functions}
