import { expect, test } from "vitest";
import { drawable, hasDot } from "./dot-font.ts";

/** A text as it is drawn, a character for each dot. */
function drawn(text: string): string {
  const letters = drawable(text);
  const row = (y: number) =>
    letters
      .map((letter) => [0, 1, 2, 3, 4].map((x) => (hasDot(letter, x, y) ? "█" : " ")).join(""))
      .join(" ");
  return [0, 1, 2, 3, 4, 5, 6, 7].map((y) => row(y).trimEnd()).join("\n");
}

test("letters look as they should", () => {
  expect(`\n${drawn("Rg 15° σ")}\n`).toMatchInlineSnapshot(`
    "
    ████                █   █████   ██
    █   █              ██   █      █  █
    █   █  ████         █   ████   █  █        ████
    ████  █   █         █       █   ██        █  █
    █ █   █   █         █       █             █  █
    █  █   ████         █   █   █             █  █
    █   █     █        ███   ███               ██
           ███
    "
  `);
});

test("every printable ASCII character and every sign in the names of transforms is drawn, each in its own way", () => {
  const ascii = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).join("");
  const pictures = [...ascii, ..."°σ×λ"].map(drawn);
  expect(pictures).not.toContain(drawn("\u{10ffff}"));
  expect(new Set(pictures).size).toBe(pictures.length);
});

test("accents are dropped, fractions taken apart, and what there is no letter for is a frame", () => {
  expect(drawn("é")).toBe(drawn("e"));
  expect(drawn("½")).toBe(drawn("1/2"));
  expect(drawn("猫")).toBe(drawn("\u{10ffff}"));
  expect(drawn("toString")).not.toBe(drawn("\u{10ffff}".repeat(8)));
});
