import { lines, literal, literals, numbers } from "./code-text.ts";
import type { SnippetPlan } from "./plan.ts";

/** `classify.py`: onnxruntime, Pillow and NumPy, and nothing of ours. */
export function pythonSnippet(plan: SnippetPlan): string {
  const { file, input, output, names, namesFile, image, temperature } = plan;
  const [channels] = image;
  return lines(
    `# pip install onnxruntime pillow numpy`,
    namesFile !== null && `import json`,
    `import sys`,
    ``,
    `import numpy as np`,
    `import onnxruntime`,
    `from PIL import Image, ImageOps`,
    ``,
    names !== null && `NAMES = ${literals(names, "python")}`,
    namesFile !== null &&
      `NAMES = json.load(open(${literal(namesFile, "python")}, encoding="utf-8"))["classNames"]`,
    `session = onnxruntime.InferenceSession(${literal(file, "python")}, providers=["CPUExecutionProvider"])`,
    ``,
    ``,
    `def pixels(path):`,
    `    """The picture as the model takes it: float32 [1, ${(plan.channelsLast ? [...image.slice(1), channels] : image).join(", ")}]."""`,
    `    image = Image.open(path)`,
    plan.isUpright && `    image = ImageOps.exif_transpose(image)  # upright, as it was held`,
    `    if image.mode.startswith("I"):  # 16 bits of grey: the upper 8`,
    `        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))`,
    `    image = image.convert("RGB")`,
    arrangement(plan),
    channels === 1
      ? `    x = np.asarray(image.convert("L"), np.float32)[:, :, None]`
      : `    x = np.asarray(image, np.float32)`,
    plan.range !== 255 && `    x = x / 255`,
    plan.isReversed && channels === 3 && `    x = x[:, :, ::-1]  # blue first`,
    plan.mean !== null &&
      plan.std !== null &&
      `    x = (x - np.float32(${numbers(plan.mean)})) / np.float32(${numbers(plan.std)})`,
    plan.channelsLast
      ? `    return np.ascontiguousarray(x[None], np.float32)`
      : `    return np.ascontiguousarray(x.transpose(2, 0, 1)[None], np.float32)`,
    ``,
    ``,
    `def classify(path):`,
    `    """The probability of each class."""`,
    `    [row] = session.run([${literal(output.name, "python")}], {${literal(input, "python")}: pixels(path)})`,
    `    z = row.reshape(-1).astype(np.float64)`,
    output.gives === "softmax" && `    z = np.log(np.maximum(z, 1e-45))`,
    output.gives === "sigmoid" && `    z = np.log(np.maximum(z, 1e-45)) - np.log(np.maximum(1 - z, 1e-45))`,
    `    if z.size == 1:  # of the second of two classes`,
    `        z = np.array([0, z[0]])`,
    `    odds = np.exp((z - z.max()) / ${temperature})`,
    `    return odds / odds.sum()`,
    ``,
    ``,
    `if __name__ == "__main__":`,
    `    for path in sys.argv[1:]:`,
    `        probabilities = classify(path)`,
    `        best = int(probabilities.argmax())`,
    names === null && namesFile === null
      ? `        print(path, best, f"{probabilities[best]:.3f}")`
      : `        print(path, NAMES[best], f"{probabilities[best]:.3f}")`,
    ``,
  );
}

/** How a picture comes to its size; Pillow's own resize is the one that the model was trained with. */
function arrangement({ image: [, height, width], whole, resize, interpolation }: SnippetPlan): string {
  const kernel = `Image.Resampling.${interpolation.toUpperCase()}`;
  if (resize === "stretch") return `    image = image.resize((${width}, ${height}), ${kernel})`;
  if (resize === "pad")
    return `    image = ImageOps.pad(image, (${width}, ${height}), ${kernel}, color=0)  # black around`;
  const [tall, wide] = whole;
  return lines(
    `    # The least size that covers ${wide}×${tall}, of which the middle is cut out.`,
    `    w, h = image.size`,
    `    size = (max(${wide}, ${tall} * w // h), ${tall}) if ${tall} * w >= ${wide} * h else (${wide}, max(${tall}, ${wide} * h // w))`,
    `    image = image.resize(size, ${kernel})`,
    `    left, top = round((size[0] - ${width}) / 2), round((size[1] - ${height}) / 2)`,
    `    image = image.crop((left, top, left + ${width}, top + ${height}))`,
  );
}
