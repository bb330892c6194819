import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { accuracyChart } from "./accuracy-chart.ts";
import { methodLabel } from "./format.ts";
import { renderReport } from "./html.ts";
import { type MethodResult, type ReportRecord, resultsSchema } from "./record.ts";
import { renderTable } from "./table.ts";

const around = (value: number) => ({ value, low: value - 0.0031, high: value + 0.0029 });

function result(
  change: Partial<MethodResult>,
  robust: number,
  accuracies: readonly number[] = [0.99, 0.95, robust],
): MethodResult {
  return {
    method: "base",
    regularizer: null,
    lambda: null,
    cleanAccuracy: around(accuracies[0]),
    robustAccuracy: around(robust),
    invarianceScore: around(0.3),
    members: accuracies.map((accuracy, i) => ({
      name: i === 0 ? "identity" : `rotation ${30 * i}°`,
      accuracy,
      parameter: 30 * i,
    })),
    alignmentGap: { mean: around(4.2), max: 17, quantiles: [{ probability: 0.5, value: 4 }] },
    efficiency: 0.2,
    samples: 10000,
    classes: 10,
    trainSeconds: 41.23,
    testSeconds: 4.21,
    ...change,
  };
}

const results = [
  result({}, 0.35),
  result({ method: "rwa", regularizer: "squaredL2", lambda: 0.01, trainSeconds: 172 }, 0.968),
];
const picture = { width: 2, height: 2, channels: 1, pixels: [0, 0.5, 1, 0.25] } as const;
const record: ReportRecord = {
  title: "Rotated digits",
  dataset: "MNIST",
  family: { name: "rotation", unit: "degrees" },
  results,
  worstViews: [
    {
      label: 7,
      clean: picture,
      worst: picture,
      worstMember: "rotation 60°",
      predictions: [
        { method: methodLabel(results[0]), clean: 7, worst: 1 },
        { method: methodLabel(results[1]), clean: 7, worst: 7 },
      ],
    },
  ],
  manifest: {
    command: "alignreg demo --seed 3",
    config: { seed: 3, output: null, family: { name: "rotation" } },
    data: { name: "MNIST test", samples: 10000, sha256: "0ff1ce" },
    versions: { alignreg: "0.1.0", node: "20.20.2" },
    machine: { platform: "linux x64", cpu: "a processor", cores: 2, memoryGB: 8 },
    startedAt: "2025-11-22T22:40:00.000Z",
  },
};

/** The page's text, a line for each line of the source that has any. */
const textOf = (markup: string) =>
  pageOf(markup)
    .body.textContent.replace(/\s*\n\s*/g, "\n")
    .trim();

interface Element {
  readonly textContent: string;
  readonly outerHTML: string;
  getAttribute(name: string): string | null;
}
interface Page {
  readonly body: Element;
  querySelectorAll(selector: string): Iterable<Element>;
}
const pageOf = (markup: string) => (parseHTML(markup) as unknown as { document: Page }).document;
const all = (markup: string, selector: string) => [...pageOf(markup).querySelectorAll(selector)];

test("the terminal table", () => {
  expect(`\n${renderTable(results)}\n`).toMatchInlineSnapshot(`
    "
    ┌────────────────────┬───────────┬───────────┬──────────────┬─────────┬────────┐
    │ method             │   clean % │  robust % │ invariance % │ train s │ test s │
    ├────────────────────┼───────────┼───────────┼──────────────┼─────────┼────────┤
    │ base               │      99.0 │      35.0 │         30.0 │      41 │    4.2 │
    │                    │ 98.7–99.3 │ 34.7–35.3 │    29.7–30.3 │         │        │
    │ rwa                │      99.0 │      96.8 │         30.0 │     172 │    4.2 │
    │ squaredL2 (λ 0.01) │ 98.7–99.3 │ 96.5–97.1 │    29.7–30.3 │         │        │
    └────────────────────┴───────────┴───────────┴──────────────┴─────────┴────────┘
    "
  `);
});

describe("the page", async () => {
  const page = await renderReport(record);

  test("reads in order: scores, chart, images, manifest", () => {
    const withoutStyles = page.replace(/<style>.*?<\/style>/gs, "");
    expect(textOf(withoutStyles)).toMatchInlineSnapshot(`
      "Rotated digits
      10,000 test images of MNIST · identity, rotation 30°, rotation 60°
      Clean accuracy
      share of test images classified correctly as they are.
      Robust accuracy
      share classified correctly under every rotation of the family: the worst case counts.
      Invariance
      how far an image's transformed copies are its own nearest neighbours in the model's output.
      Scores
      Percent, with 95 % intervals; the highest of each column in bold.
      method
      clean accuracyrobust accuracyinvariance
      training
      test
      base no augmentation
      99.0
      [98.7, 99.3]
      35.0
      [34.7, 35.3]
      30.0
      [29.7, 30.3]
      41 s
      4.2 s
      rwa + squaredL2 (λ 0.01) worst-case augmentation, aligned
      99.0
      [98.7, 99.3]
      96.8
      [96.5, 97.1]
      30.0
      [29.7, 30.3]
      172 s
      4.2 s
      Accuracy by rotation
      30405060708090100accuracy (%)03060rotation (degrees)base, identity: 99.0 %base, rotation 30°: 95.0 %base, rotation 60°: 35.0 %rwa + squaredL2 (λ 0.01), identity: 99.0 %rwa + squaredL2 (λ 0.01), rotation 30°: 95.0 %rwa + squaredL2 (λ 0.01), rotation 60°: 96.8 %baserwa + squaredL2 (λ 0.01)
      Test images beside their worst rotation
      class 7
      rotation 60°
      predicted by
      clean
      worst
      base
      7✗ 1
      rwa + squaredL2 (λ 0.01)
      77
      How this was made
      command
      alignreg demo --seed 3
      seed
      3
      family
      {"name":"rotation"}
      data
      MNIST test, 10000 images, SHA-256 0ff1ce
      versions
      alignreg 0.1.0 · node 20.20.2
      machine
      a processor · 2 cores · 8 GB · linux x64
      started
      2025-11-22T22:40:00.000Z"
    `);
  });

  test("is self-contained: no script, and nothing to fetch", () => {
    expect(page).not.toMatch(/<script|<link|<iframe|@import|javascript:/i);
    // The one address is the name of SVG's namespace, which nothing fetches.
    expect(page.replaceAll('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(/https?:|url\(/i);
    for (const image of all(page, "img"))
      expect(image.getAttribute("src")).toMatch(/^data:image\/png;base64,/);
  });

  test("can be followed without seeing it", () => {
    const images = all(page, "img").map((image) => image.getAttribute("alt"));
    expect(images).toEqual(["Test image of class 7", "The same image under rotation 60°"]);
    expect(all(page, "svg[role=img]").map((svg) => svg.getAttribute("aria-label"))).toEqual([
      "Accuracy by transform: rotation (degrees)",
    ]);
    for (const header of all(page, "th")) expect(header.getAttribute("scope")).toMatch(/^(col|row)$/);
    expect(all(page, "td.wrong").map(({ textContent }) => textContent.trim())).toEqual(["✗ 1"]);
  });

  test("marks the highest score of each column, and all that read the same", () => {
    expect(all(page, ".scores strong").map(({ textContent }) => textContent)).toEqual([
      ...["99.0", "30.0"], // base: clean accuracy and invariance, which are equal
      ...["99.0", "96.8", "30.0"],
    ]);
  });

  test("escapes all text", async () => {
    const evil = `<b onload="x">&'`;
    const results = record.results.map((r, i) => ({
      ...r,
      method: `${evil}${i}`,
      regularizer: evil,
      members: r.members.map(({ accuracy }, m) => ({ name: `${evil}${m}`, accuracy })),
    }));
    const markup = await renderReport({
      ...record,
      title: evil,
      dataset: evil,
      family: { name: evil, unit: evil },
      results,
      worstViews: record.worstViews.map((view) => ({
        ...view,
        worstMember: evil,
        predictions: [{ method: evil, clean: 7, worst: 1 }],
      })),
      classNames: Array<string>(10).fill(evil),
      manifest: {
        command: evil,
        config: { [evil]: evil, list: [evil] },
        data: { name: evil, samples: 1, sha256: evil },
        versions: { [evil]: evil },
        machine: { platform: evil, cpu: evil, cores: 2, memoryGB: 8 },
        startedAt: evil,
      },
    });
    expect(all(markup, "b, [onload]")).toEqual([]);
    expect(markup).not.toContain("<b onload");
    expect(all(markup, "h1")[0].textContent).toBe(evil);
    expect(all(markup, "code")[0].textContent).toBe(evil);
  });

  test("the chart is also well-formed by itself, as a file", async () => {
    const labels = results.map((r) => ({ ...r, method: `a & b < "c" &amp; ${r.method}` }));
    const svg = await accuracyChart(labels, { axisLabel: `<x> & "y"` });
    expect(svg).toContain('aria-label="Accuracy by transform: &lt;x&gt; &amp; &quot;y&quot;"');
    expect(svg.replace(/&(amp|lt|gt|quot|#\d+);/g, "")).not.toContain("&");
    expect(svg).toContain("a &amp; b &lt; ");
  });

  test("leaves the images out when there are none", async () => {
    expect(all(await renderReport({ ...record, worstViews: [] }), "img, .views")).toEqual([]);
  });
});

describe("the chart", () => {
  const pathsOf = (svg: string) =>
    all(`<html><body>${svg}</body></html>`, "[aria-label=line] path").map((path) =>
      path
        .getAttribute("d")!
        .match(/[\d.]+,[\d.]+/g)!
        .map((pair) => pair.split(",").map(Number)),
    );

  test("draws a line per method, to scale, a better accuracy higher up", async () => {
    const lines = pathsOf(await accuracyChart(results, { axisLabel: "degrees" }));
    expect(lines.map((line) => line.length)).toEqual([3, 3]);
    const [base, aligned] = lines;
    expect(base[1][0] - base[0][0]).toBeCloseTo(base[2][0] - base[1][0], 6);
    expect(base[2][1]).toBeGreaterThan(aligned[2][1]);
    // 0.99 to 0.95 against 0.95 to 0.35
    expect((base[2][1] - base[1][1]) / (base[1][1] - base[0][1])).toBeCloseTo(15, 3);
  });

  test("angles that are unevenly spaced are drawn so", async () => {
    const uneven = results.map((r) => ({
      ...r,
      members: r.members.map((member, i) => ({ ...member, parameter: [0, 10, 40][i] })),
    }));
    const [[a, b, c]] = pathsOf(await accuracyChart(uneven, { axisLabel: "degrees" }));
    expect((c[0] - b[0]) / (b[0] - a[0])).toBeCloseTo(3, 6);
  });

  test("members without a number are listed by name", async () => {
    const named = results.map((r) => ({
      ...r,
      members: r.members.map(({ name, accuracy }) => ({ name, accuracy })),
    }));
    const svg = await accuracyChart(named, { axisLabel: "contrast" });
    expect(pathsOf(svg).map((line) => line.length)).toEqual([3, 3]);
    expect(svg).toContain(">rotation 30°</text>");
  });

  test.each([0.99, 0.301])(
    "names of lines that all end at %d do not overlap, and stay inside",
    async (end) => {
      const crowded = Array.from({ length: 8 }, (_, i) => result({ method: `method ${i}` }, end));
      const svg = await accuracyChart(crowded, { axisLabel: "degrees" });
      const heights = all(`<html><body>${svg}</body></html>`, "[aria-label=text] text")
        .map((label) => Number(/,([\d.]+)\)/.exec(label.getAttribute("transform")!)![1]))
        .sort((a, b) => a - b);
      expect(heights).toHaveLength(8);
      for (let i = 1; i < 8; i++) expect(heights[i] - heights[i - 1]).toBeGreaterThan(14);
      expect(heights[0]).toBeGreaterThan(20);
      expect(heights[7]).toBeLessThan(300);
    },
  );

  test("is the same text each time", async () => {
    const draw = () => accuracyChart(results, { axisLabel: "degrees" });
    expect(await draw()).toBe(await draw());
  });
});

describe("results.json", () => {
  test("reads back what was written", () => {
    const manifest = { ...record.manifest, model: { name: "LeNet", sha256: "f00d" }, seconds: 12.5 };
    const withManifest = [{ ...results[0], manifest }, results[1]];
    expect(resultsSchema.parse(JSON.parse(JSON.stringify(withManifest)))).toEqual(withManifest);
  });

  test.each([
    ["no results", []],
    ["percent in place of a fraction", [result({ efficiency: 97 }, 0.5)]],
    ["NaN, which JSON writes as null", [JSON.parse(JSON.stringify(result({ trainSeconds: NaN }, 0.5)))]],
    ["no members", [result({ members: [] }, 0.5)]],
  ])("refuses %s", (_, value) => {
    expect(resultsSchema.safeParse(value).success).toBe(false);
  });
});
