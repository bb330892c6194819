/** The page of a test in a browser: on a phone nothing that matters lies beyond the edge, in light and in dark. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { renderTestReport } from "../src/report/index.ts";
import { reportOf } from "./test-report-case.ts";
import { launchChromium, noChromium } from "./tools/chromium.ts";

const width = 390;

/** Runs in the page: of every text, the contrast (WCAG 2) of its colour with the first background that is not transparent. */
const contrastOfTexts = `(() => {
  const channels = (css) => css.match(/[\\d.]+/g).map(Number);
  const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const luminance = (css) => {
    const [r, g, b] = channels(css).slice(0, 3).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    if (element === null) return "rgb(255, 255, 255)";
    const { backgroundColor } = getComputedStyle(element);
    const isClear = channels(backgroundColor)[3] === 0 || !backgroundColor.startsWith("rgb");
    return isClear ? behind(element.parentElement) : backgroundColor;
  };
  const hasText = ({ childNodes }) => [...childNodes].some((n) => n.nodeType === 3 && n.textContent.trim() !== "");
  return [...document.querySelectorAll("main *")].filter(hasText).map((element) => {
    const [text, page] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
    return (Math.max(text, page) + 0.05) / (Math.min(text, page) + 0.05);
  });
})()`;

describe("the page of a test on a phone", () => {
  let browser: Browser;
  beforeAll(async () => {
    if (!noChromium) browser = await launchChromium();
  });
  afterAll(() => browser?.close());
  beforeEach(({ skip }) => {
    if (noChromium) skip(noChromium);
  });

  test.each([2, 10, 100])("of %d classes shows every score, and scrolls down only", async (classes) => {
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    const longest = (k: number) =>
      `${k} is a class of a name as long as people give to folders of photographs`;
    await page.setContent(renderTestReport(reportOf(classes, longest)));
    const scores = page.getByRole("region", { name: "Scores", exact: true }).locator(".number");
    const boxes = await Promise.all((await scores.all()).map((cell) => cell.boundingBox()));
    expect(boxes.length).toBeGreaterThan(4);
    for (const box of boxes) expect(box!.x + box!.width).toBeLessThanOrEqual(width);
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(width);
    await page.close();
  });

  test.each(["light", "dark"] as const)("has text that can be read in %s", async (colorScheme) => {
    const page = await browser.newPage({ colorScheme });
    await page.setContent(renderTestReport(reportOf(10)));
    const contrasts = await page.evaluate<number[]>(contrastOfTexts);
    expect(contrasts.length).toBeGreaterThan(50);
    expect(Math.min(...contrasts)).toBeGreaterThan(4.5);
    await page.close();
  });
});
