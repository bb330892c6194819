"""
Writes src/onnx/schemas/table.ts: what operators take and give, by the schemas of the onnx package.

    pip install onnx==1.23.2
    npx tsx tools/operator-names.ts | python tools/onnx_schemas.py > src/onnx/schemas/table.ts

Reads names of operators, a line each. Counts and attributes are those of any version since opset 1, so that no file is refused
that some version allows; types are those of the newest version up to CURRENT.
"""
import sys

import onnx
import onnx.defs as defs

CURRENT = 26
KINDS = {
    "FLOAT": "f", "INT": "i", "STRING": "s", "TENSOR": "t", "GRAPH": "g", "FLOATS": "F", "INTS": "I", "STRINGS": "S",
    "TYPE_PROTO": "p", "SPARSE_TENSOR": "x",
}
NAMES = {
    "float": "float32", "double": "float64", "float16": "float16", "bool": "bool",
    **{f"{sign}int{bits}": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}
# Sets of types that many operators take have names of their own.
SETS = {
    "any": set(NAMES.values()),
    "numbers": set(NAMES.values()) - {"bool"},
    "floats": {"float16", "float32", "float64"},
}


def versions(name):
    found = [s for s in defs.get_all_schemas_with_history() if s.name == name and s.domain == ""]
    return sorted((s for s in found if not s.deprecated and s.since_version <= CURRENT), key=lambda s: s.since_version)


def types_of(texts):
    inner = [text[len("tensor("):-1] for text in texts if text.startswith("tensor(")]
    found = {NAMES[name] for name in inner if name in NAMES}
    return next((word for word, types in SETS.items() if types == found), ",".join(sorted(found)))


def parameters(schema, which, least):
    """`T`, `T?`, `T*` (as many as there are), `*` where each may be of another type; a type in place of a letter."""
    words = []
    for i, parameter in enumerate(getattr(schema, which)):
        letter = parameter.type_str
        if letter.startswith("tensor("):
            letter = NAMES.get(letter[len("tensor("):-1], "-")
        elif "(" in letter:
            letter = "-"
        option = parameter.option.name
        if option == "Variadic":
            words.append(f"{letter if parameter.is_homogeneous else '-'}{'+' if i < least else '*'}")
        else:
            words.append(letter if i < least and option == "Single" else f"{letter}?")
    return words


def line(name):
    known = versions(name)
    newest = known[-1]
    parts = []
    for which in ("input", "output"):
        least = min(getattr(schema, f"min_{which}") for schema in known)
        most = max(getattr(schema, f"max_{which}") for schema in known)
        words = parameters(newest, f"{which}s", least)
        while not any(word[-1] in "*+" for word in words) and len(words) < most:
            words.append("-?")
        parts.append(" ".join(words))
    kinds, required = {}, None
    for schema in known:
        for attribute in schema.attributes.values():
            kinds.setdefault(attribute.name, set()).add(KINDS[attribute.type.name])
        now = {a.name for a in schema.attributes.values() if a.required}
        required = now if required is None else required & now
    attributes = " ".join(f"{key}{'!' if key in required else ''}:{''.join(sorted(kinds[key]))}" for key in sorted(kinds))
    letters = {t.type_param_str: types_of(t.allowed_type_strs) for t in newest.type_constraints}
    sequences = {t.type_param_str for t in newest.type_constraints if not all(x.startswith("tensor(") for x in t.allowed_type_strs)}
    used = {word.rstrip("?*+") for part in parts for word in part.split()}
    types = " ".join(f"{key}={value}" for key, value in sorted(letters.items()) if key in used and key not in sequences)
    inputs, outputs = (" ".join("-" + w[len(w.rstrip("?*+")):] if w.rstrip("?*+") in sequences else w for w in part.split()) for part in parts)
    return f"{name} {inputs} > {outputs} ; {attributes} ; {types}".replace("  ", " ").rstrip()


print("// Written by tools/onnx_schemas.py, of onnx", onnx.__version__)
print("/** Names of sets of element types. */")
print("export const schemaSets = {")
for word, types in SETS.items():
    print(f"  {word}: [{', '.join(chr(34) + t + chr(34) for t in sorted(types))}],")
print("} as const;")
print()
print("/**")
print(" * A line an operator: its inputs, its outputs, its attributes with their kinds, and the element types that its letters stand")
print(" * for. `T?` may be left out, `T*` may be there any number of times, `-` may be of any type; `name!` must be there.")
print(" */")
print("export const schemaLines = `")
for name in sorted({name.strip() for name in sys.stdin if name.strip()}):
    if versions(name):
        print(line(name))
print("`;")
