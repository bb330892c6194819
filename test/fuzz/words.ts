/** Words and numbers that programs stumble over. */
export const words: readonly string[] = [
  "",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "prototype",
  "valueOf",
  "length",
  "..",
  "../../x",
  "a/b",
  "\u0000",
  "\u001b[2J",
  "\u001b]0;title\u0007",
  "é漢字🙂",
  "\ud800",
  "\u202e",
  "x".repeat(5000),
  "NaN",
  "Infinity",
  "-0",
  "1e309",
  "null",
  "true",
  "0x10",
  "%s%n",
  "${x}",
  "<script>",
  "onnx::Add_1",
];

export const numbers: readonly number[] = [
  0, 1, -1, 2, 3, 4, 5, 7, 10, 16, 100, 255, 256, 1000, 65_536, 1_000_000, 2_147_483_647, -2_147_483_648, 0.5,
  -0.5, 1e-30, 1e30,
];

/** Those that JSON has no word for, or that are more than it should hold. */
export const oddNumbers: readonly number[] = [...numbers, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 1e300];
