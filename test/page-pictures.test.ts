/** A picture in Chromium has the pixels that it has in Node, and is given the same answer. */
import { readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { classifierFile } from "../src/api/classifier-file.ts";
import { type Prediction, loadClassifier, predict } from "../src/index.ts";
import { decodeImage, readImageHeader } from "../src/data/image-file.ts";
import type { DecodeSettings } from "../src/data/decode-settings.ts";
import { type PicturePage, openPicturePage } from "./browser/picture-page.ts";
import { type Classifier, cifarCnn, withNewHead } from "../src/models/index.ts";
import { type GraphNode, writeModel } from "../src/onnx/index.ts";
import { type Photograph, fiftyPhotographs, photograph } from "./fifty-photographs.ts";
import { greyModel } from "./small-classifier.ts";
import { launchChromium, noChromium } from "./tools/chromium.ts";

const kinds = join(import.meta.dirname, "fixtures/picture-kinds");
const kindNames = readdirSync(kinds).filter((name) => !/\.(json|tif|heic)$/.test(name));

const classNames = ["rose", "tulip", "ragged robin", "daisy", "sunflower", "poppy"];

/** Nothing that it says is of use, and all of it depends on each pixel. */
const net: Classifier = {
  ...withNewHead(cifarCnn({ width: 8, seed: 2 }), { classNames, head: 24, seed: 5 }),
  imageShape: [3, 32, 32],
  pictures: { resize: "crop", cropShare: 0.8, interpolation: "bicubic" },
  temperature: 0.2,
  transforms: { rotation: { degrees: [-30, -15, 15, 30] } },
};

const asStored = { resize: "stretch", cropShare: 1, interpolation: "bilinear" } as const;

/** By which the bytes of two decoders may differ. */
const tolerance = (name: string): number => {
  if (name.endsWith(".avif")) return 2;
  // Inks become colours by another rounding of the same formula.
  return /cmyk|inks/.test(name) ? 1 : 0;
};

describe("Chromium", () => {
  let browser: Browser;
  let there: PicturePage;
  let photographs: readonly Photograph[];
  /** Of an image that the page may show and not read. */
  let foreign: string;
  const other = createServer((_, response) => {
    response.writeHead(200, { "Cross-Origin-Resource-Policy": "cross-origin" });
    response.end(readFileSync(join(kinds, "one-pixel.png")));
  });
  beforeAll(async () => {
    if (noChromium) return;
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    foreign = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    photographs = await fiftyPhotographs();
    browser = await launchChromium({ webgpu: false });
    there = await openPicturePage(browser);
  });
  afterAll(async () => {
    other.close();
    await there?.close();
    await browser?.close();
  });
  beforeEach(({ skip }) => {
    if (noChromium) skip(noChromium);
  });

  /** Asks the page about a picture, an expression that may use `file`, a File of these bytes. */
  async function worstOff(
    name: string,
    bytes: Uint8Array,
    { exif = "apply", picture = "file" }: { exif?: "apply" | "ignore"; picture?: string } = {},
  ): Promise<number> {
    const { height, width } = await readImageHeader(name, bytes, exif);
    const settings: DecodeSettings = { ...asStored, exif, channels: 3, height, width };
    there.files.set(name, bytes);
    there.files.set("expected", await decodeImage(name, bytes, settings));
    return there.page.evaluate<number>(
      `(async () => {
        const blob = await (await fetch("files/${name}")).blob();
        const file = new File([blob], "${name}", { type: "image/jpeg" });
        return worstOff(${picture}, "files/expected", ${JSON.stringify({ exif, channels: 3 })});
      })()`,
    );
  }

  test("the fifty photographs, byte for byte; AVIF and inks nearly so", async () => {
    for (const { name, bytes } of photographs) {
      expect([name, await worstOff(name, bytes)]).toEqual([name, expect.toBeOneOf(upTo(tolerance(name)))]);
    }
  });

  test.each(["apply", "ignore"] as const)("files of each kind, with EXIF to %s", async (exif) => {
    for (const name of kindNames) {
      const off = await worstOff(name, new Uint8Array(readFileSync(join(kinds, name))), { exif });
      expect([name, off]).toEqual([name, expect.toBeOneOf(upTo(tolerance(name)))]);
    }
  });

  test("pictures in several pieces of canvas, transparent or not", async () => {
    for (const [width, height, channels] of [
      [4500, 20, 4],
      [30, 2100, 3],
    ] as const) {
      const data = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 7919) >> 5);
      const bytes = await sharp(data, { raw: { width, height, channels } }).png().toBuffer();
      expect(await worstOff("long.png", bytes)).toBe(0);
    }
  });

  test("a picture is the same as a file, an <img> of it, its address, a canvas, an ImageData and a frame", async () => {
    const { bytes } = await photograph("turned-6.jpg");
    const drawn = `((source) => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [source.width, source.height];
      canvas.getContext("2d").drawImage(source, 0, 0);
      return canvas;
    })(await createImageBitmap(file))`;
    const pictures = [
      `file`,
      `new Blob([file])`,
      `new Uint8Array(await file.arrayBuffer())`,
      `await file.arrayBuffer()`,
      `"files/turned-6.jpg"`,
      `new URL("files/turned-6.jpg", location.href)`,
      `Object.assign(new Image(), { src: "files/turned-6.jpg" })`,
      `Object.assign(new Image(), { src: URL.createObjectURL(file) })`,
      drawn,
      `${drawn}.getContext("2d").getImageData(0, 0, 640, 480)`,
      `await createImageBitmap(file)`,
      `new VideoFrame(${drawn}, { timestamp: 0 })`,
    ];
    for (const picture of pictures)
      expect([picture, await worstOff("turned-6.jpg", bytes, { picture })]).toEqual([picture, 0]);
  });

  test.each([
    ["no picture", `null`, /not null\. Nothing has that selector/],
    ["a Promise", `createImageBitmap(file)`, /not a Promise\. Write await/],
    ["an <input>", `document.createElement("input")`, /Give input\.files/],
    ["a Response", `await fetch("files/phone.heic")`, /Give await response\.blob\(\)/],
    ["a context", `new OffscreenCanvas(9, 9).getContext("2d")`, /Give its member canvas/],
    ["an empty file", `new File([], "none.jpg")`, /none\.jpg cannot be read as an image \(it is empty\)/],
    ["HEIC", `file`, /x\.jpg cannot be read as an image \(it is HEIC, .*accept="image\/jpeg/],
    ["TIFF", `"files/rgb.tif"`, /rgb\.tif .*it is TIFF, which pages cannot decode: convert it to PNG/],
    ["SVG", `new Blob(["<svg xmlns='http://www.w3.org/2000/svg'/>"])`, /it is SVG, .*draw it on a canvas/],
    ["a page", `"page.html"`, /page\.html .*it is a web page: the server has no such file/],
    ["no file", `"files/none.jpg"`, /files\/none\.jpg cannot be fetched: the server answers 404/],
    ["an <img> that failed", `await img("files/none.jpg")`, /The <img> of .*none\.jpg shows nothing/],
    [
      "a <video> without a frame",
      `document.createElement("video")`,
      /The picture, a <video>, is 0×0 pixels: .*"loadeddata"/,
    ],
    ["a closed bitmap", `await closed()`, /The picture, an ImageBitmap, is 0×0 pixels: it is closed/],
    [
      "a canvas of another origin's",
      `await tainted()`,
      /The picture shows something of another origin, .*crossorigin="anonymous"/,
    ],
    ["a JPEG that breaks off", `"files/half.jpg"`, /half\.jpg cannot be read as an image \(it ends early\)/],
    [
      "more pixels than there may be",
      `"files/bomb.png"`,
      /asks for 10,000,000,000 pixels; .* In a page that is the most\./,
    ],
  ])("%s is refused by name", async (_, picture, message) => {
    const bomb = new Uint8Array(readFileSync(join(kinds, "column.png")));
    new DataView(bomb.buffer).setUint32(16, 100_000);
    new DataView(bomb.buffer).setUint32(20, 100_000);
    there.files.set("bomb.png", bomb);
    const whole = readFileSync(join(kinds, "turned-1.jpg"));
    there.files.set("half.jpg", new Uint8Array(whole.subarray(0, whole.length - 20)));
    for (const name of ["phone.heic", "rgb.tif"])
      there.files.set(name, new Uint8Array(readFileSync(join(kinds, name))));
    const said = await there.page.evaluate<string>(
      `(async () => {
        const file = new File([await (await fetch("files/phone.heic")).blob()], "x.jpg", { type: "image/jpeg" });
        const img = async (src) => { const image = new Image(); image.src = src; await image.decode().catch(() => 0); return image; };
        const closed = async () => { const bitmap = await createImageBitmap(new ImageData(2, 2)); bitmap.close(); return bitmap; };
        const tainted = async () => {
          const canvas = document.createElement("canvas");
          canvas.getContext("2d").drawImage(await img("${foreign}"), 0, 0);
          return canvas;
        };
        return decoded(${picture}).then(() => "nothing", (error) => error.message);
      })()`,
    );
    expect(said).toMatch(message);
  });

  /** What an expression gives in the page, in which `classifier` is `net`, `one` a File, and `all` a list of them. */
  async function asked<Answer>(expression: string): Promise<Answer> {
    return there.page.evaluate<Answer>(
      `(async () => {
        const classifier = (globalThis.classifier ??= await alignreg.loadClassifier("files/net.onnx", { ort }));
        return ${expression};
      })()`,
    );
  }

  test("fifty photographs are given the names, probabilities and stabilities that Node gives", async () => {
    const file = classifierFile(net);
    const node = await loadClassifier(file);
    const expected = await node.predict(
      photographs.map(({ bytes }) => bytes),
      { onNote: () => undefined },
    );
    there.files.set("net.onnx", file);
    for (const { name, bytes } of photographs) there.files.set(name, bytes);
    const names = photographs.map(({ name }) => `files/${name}`);
    const given = await asked<Prediction[]>(
      `await classifier.predict(${JSON.stringify(names)}, { onNote() {} })`,
    );
    const views = 4;
    given.forEach((answer, i) => {
      const { name, probabilities, stability } = expected[i];
      expect([names[i], answer.name]).toEqual([names[i], name]);
      const atol = tolerance(names[i]) === 0 ? 1e-5 : 1e-3;
      expect(answer.probabilities).toBeAllClose(probabilities, { rtol: 0, atol });
      expect(Math.abs(answer.stability! - stability!)).toBeLessThan(1.5 / views);
    });
    expect(new Set(expected.map(({ name }) => name)).size).toBeGreaterThan(1);
    expect(new Set(expected.map(({ stability }) => stability)).size).toBeGreaterThan(1);
    await node.release();
  });

  test("what moves is taken at the moment of the call, and calls at once keep to their order", async () => {
    there.files.set("net.onnx", classifierFile(net));
    const [red, blue, redLater, blueLater] = await asked<number[]>(
      `(async () => {
        const canvas = new OffscreenCanvas(32, 32);
        const context = canvas.getContext("2d");
        const shown = (colour, options) => {
          context.fillStyle = colour;
          context.fillRect(0, 0, 32, 32);
          return classifier.predict(canvas, { onNote() {}, ...options });
        };
        await classifier.release();
        const answers = await Promise.all([shown("red"), shown("blue"), shown("red", { transforms: null }), shown("blue")]);
        return answers.map(({ probability }) => probability);
      })()`,
    );
    expect(red).not.toBe(blue);
    expect([redLater, blueLater]).toEqual([red, blue]);
  });

  test("a page keeps its own WebGL, and pictures in hidden colours are read without OffscreenCanvas", async () => {
    const { bytes } = await photograph("transparent.png");
    const own = `globalThis.gl ??= document.createElement("canvas").getContext("webgl")`;
    await there.page.evaluate(`void (${own})`);
    for (let i = 0; i < 20; i++) expect(await worstOff("transparent.png", bytes)).toBe(0);
    expect(await there.page.evaluate(`gl.isContextLost()`)).toBe(false);
    await there.page.evaluate(`globalThis.Kept = OffscreenCanvas; delete globalThis.OffscreenCanvas`);
    expect(await worstOff("transparent.png", bytes)).toBe(0);
    await there.page.evaluate(`globalThis.OffscreenCanvas = Kept`);
  });

  test("models without metadata, with channels last and grey", async () => {
    const { bytes } = await photograph("turned-6.jpg");
    there.files.set("turned-6.jpg", bytes);
    for (const model of [greyModel(), greyModel({ channels: 3 }), channelsLastModel]) {
      const file = writeModel(model);
      there.files.set("grey.onnx", file);
      const options = { onNote: () => undefined, classMap: ["black", "grey", "white"] };
      const { name, probability, stability } = await predict(file, bytes, options);
      const given = await there.page.evaluate<Prediction>(
        `(async () => (await alignreg.loadClassifier("files/grey.onnx", { ort })).predict("files/turned-6.jpg",
          { onNote() {}, classMap: ["black", "grey", "white"] }))()`,
      );
      expect(given).toMatchObject({ name, stability });
      expect(given.probability).toBeCloseTo(probability, 5);
    }
  });

  test.each([
    ["no options", `"files/net.onnx"`, /needs ONNX Runtime: import \* as ort from "onnxruntime-web"/],
    [
      "a Promise of ort",
      `"files/net.onnx", { ort: Promise.resolve(ort) }`,
      /ort must be onnxruntime-web: .*not a Promise/,
    ],
    ["a module in a module", `"files/net.onnx", { ort: { default: ort } }`, /Give its member default/],
    ["a page", `"page.html", { ort }`, /page\.html is a web page or XML, no model/],
    ["no file", `"files/none.onnx", { ort }`, /files\/none\.onnx cannot be fetched: the server answers 404/],
    ["a fetch", `fetch("files/net.onnx"), { ort }`, /not a Promise\. Write await/],
    [
      "an answer read twice",
      `await (async () => { const r = await fetch("files/net.onnx"); await r.blob(); return r; })(), { ort }`,
      /was read already/,
    ],
    ["Keras' file", `new Uint8Array([80, 75, 3, 4]), { ort }`, /Keras file.*importKeras/],
    ["weights", `"files/net.onnx", { ort, weights: "x" }`, /has no option "weights"/],
  ])("%s in the place of a model is refused with what to do", async (_, given, message) => {
    there.files.set("net.onnx", classifierFile(net));
    const said = await there.page.evaluate<string>(
      `(async () => alignreg.loadClassifier(${given}))().then(() => "nothing", (error) => error.message)`,
    );
    expect(said).toMatch(message);
  });

  test("where the bundle has no WebGPU, it says which has", async () => {
    there.files.set("net.onnx", classifierFile(net));
    const said = await there.page.evaluate<string>(
      `(async () => (await alignreg.loadClassifier("files/net.onnx", { ort, executionProvider: "webgpu" }))
        .predict(new ImageData(32, 32), { onNote() {} }))().then(() => "nothing", (error) => error.message)`,
    );
    expect(said).toMatch(/ONNX Runtime \(webgpu\) cannot load files\/net\.onnx: .*onnxruntime-web\/webgpu/);
  });

  describe("docs/browser.md", () => {
    const [app, worker] = [
      ...readFileSync("docs/browser.md", "utf8").matchAll(/^```(?:html|js)\n(.*?)^```$/gms),
    ].map((block) => block[1]);
    /** As a bundler would find them. */
    const bundled = (code: string): string =>
      code
        .replace(`"onnxruntime-web"`, `"${there.url}ort/ort.wasm.bundle.min.mjs"`)
        .replace(`"alignreg/browser"`, `"${there.url}alignreg.js"`);
    const node = async (name: string) => {
      const classifier = await loadClassifier(classifierFile(net));
      const answer = await classifier.predict((await photograph(name)).bytes, { onNote: () => undefined });
      await classifier.release();
      return answer;
    };

    test("the page says what Node says of the file that is chosen", async () => {
      const { name, probability, stability } = await node("turned-6.jpg");
      there.files.set("model.onnx", classifierFile(net));
      there.files.set(
        "index.html",
        new TextEncoder().encode(bundled(app).replace(`"model.onnx"`, `"/files/model.onnx"`)),
      );
      const page = await browser.newPage();
      await page.goto(`${there.url}files/index.html`);
      const buffer = Buffer.from((await photograph("turned-6.jpg")).bytes);
      // The listener is there when the model is.
      await expect
        .poll(
          async () => {
            await page.setInputFiles("input", { name: "IMG_1.jpg", mimeType: "image/jpeg", buffer });
            return page.innerText("output");
          },
          { timeout: 30_000 },
        )
        .toBe(`${name}: ${Math.round(100 * probability)} %, stable ${Math.round(100 * stability!)} %`);
      await page.close();
    });

    test("the worker answers as Node does", async () => {
      const { name, probabilities } = await node("transparent.webp");
      there.files.set("model.onnx", classifierFile(net));
      there.files.set("transparent.webp", (await photograph("transparent.webp")).bytes);
      const code = bundled(worker).replace(
        `new URL("model.onnx", location.href)`,
        `"${there.url}files/model.onnx"`,
      );
      there.files.set("worker.js", new TextEncoder().encode(code));
      const answer = await there.page.evaluate<Prediction>(
        `(async () => {
          const worker = new Worker("files/worker.js", { type: "module" });
          const answer = new Promise((resolve, reject) => Object.assign(worker, { onmessage: resolve, onerror: reject }));
          worker.postMessage(await (await fetch("files/transparent.webp")).blob());
          return (await answer).data;
        })()`,
      );
      expect(answer.name).toBe(name);
      expect(answer.probabilities).toBeAllClose(probabilities, { rtol: 0, atol: 1e-5 });
    });
  });
});

/** Takes [N, H, W, C]. */
const channelsLastModel = (() => {
  const model = greyModel({ channels: 3 });
  const { graph } = model;
  const [images] = graph.inputs;
  const turned: GraphNode = {
    opType: "Transpose",
    domain: "",
    name: "",
    inputs: ["pixels"],
    outputs: [images.name],
    attributes: { perm: [0, 3, 1, 2] },
  };
  const inputs = [{ ...images, name: "pixels", shape: ["N", 8, 8, 3] }];
  return { ...model, graph: { ...graph, inputs, nodes: [turned, ...graph.nodes] } };
})();

const upTo = (most: number): number[] => Array.from({ length: most + 1 }, (_, i) => i);
