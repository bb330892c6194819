/**
 * A reporter that prints what was skipped, and why. Where TEST_TOOLS says what the machine has, an unexpected skip fails
 * the run: a tool that is there and does not work would go unnoticed else.
 */
import type { Reporter, TestCase, TestModule, Vitest } from "vitest/node";
import { type Skip, describeSkips, toolsOf, unexpectedSkips } from "./skips.ts";

export default class ReportSkips implements Reporter {
  readonly #tools = toolsOf(process.env.TEST_TOOLS);
  #vitest: Vitest | null = null;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    // Whoever asks for tests by name has asked for the others to be skipped.
    if (this.#vitest?.config.testNamePattern) return;
    const skips = modules.flatMap((module) => [...module.children.allTests("skipped")].flatMap(skipOf));
    if (skips.length > 0) console.log(`\nSkipped:\n${describeSkips(skips)}`);
    const unexpected = this.#tools ? unexpectedSkips(skips, this.#tools) : [];
    if (unexpected.length === 0) return;
    console.error(
      `\nerror: ${unexpected.length} skips that TEST_TOOLS=${JSON.stringify(process.env.TEST_TOOLS)} does not allow ` +
        `(test/tools/allowed-skips.ts):\n${describeSkips(unexpected)}`,
    );
    process.exitCode = 1;
  }
}

/** None of a test that never came to run because what is around it failed: that is a failure already. */
function skipOf(test: TestCase): Skip[] {
  for (let around = test.parent; ; around = around.parent) {
    if (around.errors().length > 0) return [];
    if (around.type === "module") break;
  }
  const result = test.result();
  const reason = result.state === "skipped" ? result.note?.replace(/\s+/g, " ") : undefined;
  return [{ test: `${test.module.relativeModuleId} > ${test.fullName}`, reason }];
}
