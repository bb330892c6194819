import { AlignregError } from "../tensor/index.ts";
import { terminalLine } from "../text/index.ts";

/** One thing that was looked at. */
export interface Finding {
  /** Whether it is as it must be; null for what is told and neither right nor wrong. */
  readonly holds: boolean | null;
  /** What must hold, a sentence; where it does not, what was found stands behind it. */
  readonly sentence: string;
}

/** What was looked at of a plug-in, and how it was. */
export interface PlugInReport {
  /** As "regularizer". */
  readonly kind: string;
  readonly name: string;
  /** Whether nothing is as it must not be. */
  readonly passed: boolean;
  readonly findings: readonly Finding[];
  /** The sentences of what is not as it must be. */
  readonly faults: readonly string[];
  /** All of it as text, a line for each finding. */
  toString(): string;
}

/** A plug-in that is not as it must be, where `throws` was asked for. */
export class ConformanceError extends AlignregError {
  readonly report: PlugInReport;
  constructor(report: PlugInReport) {
    super(`${reportText(report)}\nMend what does not hold, and check it again.`, { isLaidOut: true });
    this.report = report;
  }
}

/** Collects findings, one after another. */
export class Findings {
  readonly #findings: Finding[] = [];

  /**
   * Tests what must hold. What the test throws counts as a fault: the plug-in is a stranger's.
   *
   * @param what  a sentence
   * @param test  gives null where it holds, else what was found, a sentence
   */
  async must(what: string, test: () => Promise<string | null> | string | null): Promise<boolean> {
    let found: string | null;
    try {
      found = await test();
    } catch (error) {
      found = `Instead: ${error instanceof Error ? error.message : String(error)}`;
    }
    this.#findings.push({ holds: found === null, sentence: found === null ? what : `${what} ${found}` });
    return found === null;
  }

  /** What is neither right nor wrong, and should be known. Nothing is said of null, nor of what cannot be run. */
  async tell(test: () => Promise<string | null> | string | null): Promise<void> {
    try {
      const sentence = await test();
      if (sentence !== null) this.#findings.push({ holds: null, sentence });
    } catch {
      // What must hold says it.
    }
  }

  /** @throws ConformanceError where `throws` is true and something does not hold */
  report(kind: string, name: string, throws: boolean): PlugInReport {
    const findings = this.#findings;
    const faults = findings.flatMap(({ holds, sentence }) => (holds === false ? [sentence] : []));
    const report = {
      kind,
      name,
      passed: faults.length === 0,
      findings,
      faults,
      toString: () => reportText(report),
    };
    if (throws && !report.passed) throw new ConformanceError(report);
    return report;
  }
}

function reportText({ kind, name, faults, findings }: Omit<PlugInReport, "toString">): string {
  const count = faults.length === 0 ? "all as it must be" : `${faults.length} not as it must be`;
  const lines = findings.map(
    ({ holds, sentence }) =>
      `  ${holds === null ? "note" : holds ? "yes " : "NO  "}  ${terminalLine(sentence)}`,
  );
  return [`The ${kind} "${terminalLine(name)}": ${count}.`, ...lines].join("\n");
}
