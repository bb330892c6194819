import { expect, test } from "vitest";
import { corruptionErrors } from "./index.ts";

const scores = (accuracies: Readonly<Record<string, number>>) => ({
  members: Object.entries({ identity: 1, ...accuracies }).map(([name, accuracy]) => ({
    ...{ name, accuracy },
    ...{ low: 0, high: 1 },
  })),
});

test("errors are averaged over members, by corruption, and against a baseline", () => {
  const own = scores({
    "fog severity 1": 0.9,
    "fog severity 5": 0.5,
    "snow severity 1": 0.6,
    "snow severity 5": 0.2,
  });
  const baseline = scores({
    "fog severity 1": 0.7,
    "fog severity 5": 0.5,
    "snow severity 1": 0.4,
    "snow severity 5": 0,
  });
  const found = corruptionErrors(own, baseline);
  expect(found.meanError).toBeCloseTo((0.1 + 0.5 + 0.4 + 0.8) / 4, 12);
  expect(found.byCorruption.fog).toBeCloseTo(0.3, 12);
  expect(found.byCorruption.snow).toBeCloseTo(0.6, 12);
  // Sums before the division: 0.6 / 0.8 and 1.2 / 1.6.
  expect(found.relativeError).toBeCloseTo(0.75, 12);
  expect(corruptionErrors(own).relativeError).toBeNull();
  expect(corruptionErrors(own, own).relativeError).toBeCloseTo(1, 12);
});

test("what cannot be divided is said", () => {
  const own = scores({ "fog severity 1": 0.9, "fog severity 5": 0.5 });
  expect(() => corruptionErrors(scores({ "rotation 15°": 0.5 }))).toThrow(/of no corruptions/);
  expect(() => corruptionErrors(own, scores({ "fog severity 1": 0.9 }))).toThrow(
    /other corruptions or severities \(fog\)/,
  );
  expect(() => corruptionErrors(own, scores({ "fog severity 1": 1, "fog severity 5": 1 }))).toThrow(
    /no error under fog/,
  );
});
