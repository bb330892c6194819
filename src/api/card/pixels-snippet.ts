import { lines, numbers } from "./code-text.ts";
import type { SnippetPlan } from "./plan.ts";

/**
 * Plain JavaScript from a decoded picture, `{ data, width, height }` of three bytes a pixel, to what the model takes: Pillow's resize,
 * byte for byte, so that it is the one that the model was trained with.
 */
export function pixelsSnippet(plan: SnippetPlan): string {
  const { image, channelsLast } = plan;
  const [channels, height, width] = image;
  const place = channelsLast
    ? `${channels === 1 ? "" : "3 * "}pixel${channels === 1 ? "" : " + c"}`
    : channels === 1
      ? "pixel"
      : `c * ${height * width} + pixel`;
  return lines(
    plan.interpolation === "nearest" ? nearest : resized(plan),
    ``,
    `/** From a decoded picture, three bytes a pixel, to the model's input. */`,
    `function pixels(picture) {`,
    arrangement(plan),
    `  const input = new Float32Array(${channels * height * width});`,
    `  for (let y = 0, pixel = 0; y < ${height}; y++) {`,
    `    for (let x = 0; x < ${width}; x++, pixel++) {`,
    plan.resize === "pad"
      ? lines(
          `      const [row, column] = [y - top, x - left];`,
          `      const isInside = row >= 0 && row < small.height && column >= 0 && column < small.width;`,
          `      const at = 3 * (row * small.width + column);`,
        )
      : `      const at = 3 * ((y + top) * small.width + x + left);`,
    channels === 1
      ? lines(
          plan.resize === "pad" &&
            `      const [r, g, b] = isInside ? small.data.subarray(at, at + 3) : [0, 0, 0];`,
          plan.resize !== "pad" && `      const [r, g, b] = small.data.subarray(at, at + 3);`,
          `      const grey = (19595 * r + 38470 * g + 7471 * b + 0x8000) >> 16; // as Pillow's convert("L")`,
          `      input[${place}] = ${entering(plan, "grey", "0")};`,
        )
      : lines(
          `      for (let c = 0; c < 3; c++) {`,
          `        const byte = ${plan.resize === "pad" ? "isInside ? " : ""}small.data[at + ${plan.isReversed ? "2 - c" : "c"}]${plan.resize === "pad" ? " : 0" : ""};${plan.isReversed ? " // blue first" : ""}`,
          `        input[${place}] = ${entering(plan, "byte", "c")};`,
          `      }`,
        ),
    `    }`,
    `  }`,
    `  return input;`,
    `}`,
  );
}

/** What a byte becomes on its way in, as an expression. */
function entering({ range, mean, std, image: [channels] }: SnippetPlan, byte: string, c: string): string {
  const unit = range === 255 ? byte : `${byte} / 255`;
  if (mean === null || std === null) return unit;
  const each = (values: readonly number[]) =>
    channels === 1 ? String(values[0]) : `${numbers(values)}[${c}]`;
  return `(${unit} - ${each(mean)}) / ${each(std)}`;
}

/** What `pixels` begins with: the picture in the size that is wanted or covers it, and where the image lies in it. */
function arrangement({ image: [, height, width], whole: [tall, wide], resize }: SnippetPlan): string {
  const middle = `const middle = (n) => (n % 1 === 0 ? n : 2 * Math.round(n / 2)); // halves to even`;
  if (resize === "stretch")
    return lines(`  const small = resized(picture, ${width}, ${height});`, `  const [top, left] = [0, 0];`);
  if (resize === "pad")
    return lines(
      `  // The greatest size of its shape that fits; black is around it.`,
      `  const even = (n) => (Math.abs(n % 1) === 0.5 ? 2 * Math.round(n / 2) : Math.round(n));`,
      `  const shape = picture.width / picture.height;`,
      `  const small =`,
      `    shape > ${width} / ${height}`,
      `      ? resized(picture, ${width}, Math.max(1, even((picture.height / picture.width) * ${width})))`,
      `      : shape < ${width} / ${height}`,
      `        ? resized(picture, Math.max(1, even((picture.width / picture.height) * ${height})), ${height})`,
      `        : resized(picture, ${width}, ${height});`,
      `  const [top, left] = [even((${height} - small.height) / 2), even((${width} - small.width) / 2)];`,
    );
  return lines(
    `  // The least size that covers ${wide}×${tall}, of which the middle is cut out.`,
    `  ${middle}`,
    `  const { width: w, height: h } = picture;`,
    `  const small =`,
    `    ${tall} * w >= ${wide} * h`,
    `      ? resized(picture, Math.max(${wide}, Math.trunc((${tall} * w) / h)), ${tall})`,
    `      : resized(picture, ${wide}, Math.max(${tall}, Math.trunc((${wide} * h) / w)));`,
    `  const [top, left] = [middle((small.height - ${height}) / 2), middle((small.width - ${width}) / 2)];`,
  );
}

/** How far a kernel reaches, and the lines of what it gives a distance x. */
const kernels = {
  box: { support: "0.5", body: ["return x > -0.5 && x <= 0.5 ? 1 : 0;"] },
  bilinear: { support: "1", body: ["return Math.max(0, 1 - Math.abs(x));"] },
  hamming: {
    support: "1",
    body: [
      "const d = Math.abs(x) * Math.PI;",
      "if (d === 0) return 1;",
      "return d >= Math.PI ? 0 : (Math.sin(d) / d) * (0.54 + 0.46 * Math.cos(d));",
    ],
  },
  bicubic: {
    support: "2",
    body: [
      "const d = Math.abs(x);",
      "if (d < 1) return (1.5 * d - 2.5) * d * d + 1;",
      "return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;",
    ],
  },
  lanczos: {
    support: "3",
    body: [
      "const sinc = (d) => (d === 0 ? 1 : Math.sin(d * Math.PI) / (d * Math.PI));",
      "return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;",
    ],
  },
} as const;

function resized({ interpolation }: SnippetPlan): string {
  const { support, body } = kernels[interpolation as keyof typeof kernels];
  return lines(
    `/** A picture at another size: Pillow's resize, ${interpolation.toUpperCase()}, antialiased where it shrinks, to the byte. */`,
    `function resized(picture, width, height) {`,
    `  const down = picture.height - height;`,
    `  const columnsFirst = down > 0 && down > 2 * (picture.width - width);`,
    `  return columnsFirst`,
    `    ? along("x", along("y", picture, height), width)`,
    `    : along("y", along("x", picture, width), height);`,
    `}`,
    ``,
    `function kernel(x) {`,
    ...body.map((line) => `  ${line}`),
    `}`,
    ``,
    `function along(axis, picture, to) {`,
    `  const { data, width, height } = picture;`,
    `  const from = axis === "x" ? width : height;`,
    `  if (from === to) return picture;`,
    `  const made = axis === "x" ? { width: to, height } : { width, height: to };`,
    `  const result = new Uint8Array(3 * made.width * made.height);`,
    `  // Bytes to the next pixel along the axis, and to the next line across it: of the picture, and of the result.`,
    `  const [step, line, lines] = axis === "x" ? [3, 3 * width, height] : [3 * width, 3, width];`,
    `  const [madeStep, madeLine] = axis === "x" ? [3, 3 * to] : [3 * width, 3];`,
    `  const scale = from / to;`,
    `  const stretch = Math.max(scale, 1);`,
    `  for (let place = 0; place < to; place++) {`,
    `    const centre = (place + 0.5) * scale;`,
    `    const first = Math.max(Math.trunc(centre - ${support} * stretch + 0.5), 0);`,
    `    const end = Math.min(Math.trunc(centre + ${support} * stretch + 0.5), from);`,
    `    const shares = [];`,
    `    for (let i = first; i < end; i++) shares.push(kernel((i - centre + 0.5) * (1 / stretch)));`,
    `    const sum = shares.reduce((a, b) => a + b, 0);`,
    `    const weights = shares.map((share) => Math.trunc((share < 0 ? -0.5 : 0.5) + (share / sum) * 2 ** 22));`,
    `    for (let l = 0; l < lines; l++) {`,
    `      for (let c = 0; c < 3; c++) {`,
    `        let total = 2 ** 21;`,
    `        let at = l * line + first * step + c;`,
    `        for (const weight of weights) {`,
    `          total += data[at] * weight;`,
    `          at += step;`,
    `        }`,
    `        result[l * madeLine + place * madeStep + c] = Math.min(255, Math.max(0, total >> 22));`,
    `      }`,
    `    }`,
    `  }`,
    `  return { data: result, ...made };`,
    `}`,
  );
}

const nearest = lines(
  `/** A picture at another size: each pixel the one that lies nearest, as Pillow's NEAREST. */`,
  `function resized({ data, width, height }, toWidth, toHeight) {`,
  `  const places = (before, after) => {`,
  `    let at = (before / after) * 0.5;`,
  `    return Array.from({ length: after }, () => {`,
  `      const place = Math.min(Math.trunc(at), before - 1);`,
  `      at += before / after;`,
  `      return place;`,
  `    });`,
  `  };`,
  `  const columns = places(width, toWidth);`,
  `  const result = new Uint8Array(3 * toWidth * toHeight);`,
  `  let to = 0;`,
  `  for (const row of places(height, toHeight)) {`,
  `    for (const column of columns) for (let c = 0; c < 3; c++) result[to++] = data[3 * (row * width + column) + c];`,
  `  }`,
  `  return { data: result, width: toWidth, height: toHeight };`,
  `}`,
);
