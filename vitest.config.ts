import { configDefaults, defineConfig } from "vitest/config";

/** Longer sweeps, which `npm run test:long` runs: CI does, people at work need not. */
const long = "**/*.long.test.ts";

/** Full disks, kills and starters at once, which `npm run test:faults` tries. */
const faults = "test/faults/*.faults.ts";

/**
 * What `npm run test:quick` leaves out: whole commands, browsers, studies, packages, and fixtures by the hundred. It is for
 * people at work, and takes one to two minutes.
 */
const slow = [
  ...["test/**", "src/tfjs/**", "src/lower/**", "src/study/**", "src/augment/**"],
  ...[
    "src/data/cifar10.test.ts",
    "src/data/image-file.test.ts",
    "src/api/fit-resume.test.ts",
    "src/models/models.test.ts",
  ],
];

/**
 * What wants a process for itself: modules that are replaced, memory that is measured, numbers below the normal ones (which
 * ONNX Runtime makes 0 in its process), names that TensorFlow.js counts up. The others of a worker share one,
 * and with it the modules that they import, most of a short test's time else.
 */
const alone = [
  ...["src/artifacts/lock-order.test.ts", "**/*memory.test.ts", "test/given-weights.test.ts"],
  "src/tfjs/evaluate.test.ts",
];

export default defineConfig(({ mode }) => {
  const include = { long: [long], faults: [faults] }[mode] ?? ["src/**/*.test.ts", "test/**/*.test.ts"];
  const exclude = [
    ...configDefaults.exclude,
    ...(mode === "long" ? [] : [long]),
    ...(mode === "quick" ? slow : []),
  ];
  const isSlow = ["long", "faults"].includes(mode);
  // Projects that extend a configuration do not know its mode: what depends on it is said in each.
  const common = {
    exclude,
    globalSetup: mode === "quick" ? [] : ["test/tools/compiled.ts"],
    setupFiles: ["test/setup.ts"],
    // ONNX Runtime wants one live process per core: child processes, not worker threads.
    pool: "forks" as const,
    testTimeout: isSlow ? 600_000 : 60_000,
    hookTimeout: mode === "faults" ? 300_000 : 60_000,
  };
  // By number: a new machine need not know the name localhost, which Vite looks up else.
  const server = { host: "127.0.0.1" };
  const projects = isSlow
    ? [{ server, test: { ...common, name: mode, include } }]
    : [
        {
          server,
          test: { ...common, name: "together", include, exclude: [...exclude, ...alone], isolate: false },
        },
        { server, test: { ...common, name: "alone", include: alone } },
      ];
  return {
    server,
    test: { projects, reporters: ["default", "./test/tools/report-skips.ts"], maxWorkers: 2 },
  };
});
