import { expect, test } from "vitest";
import type { Unit } from "./overview.ts";
import { Pace } from "./pace.ts";

const unit = (kind: Unit["kind"], method: string, status: Unit["status"], family = "rotation"): Unit => ({
  ...{ kind, method, status, family },
  arm: `${family}/${method}`,
});

test("nothing is said before anything is known, nor when nothing is left", () => {
  const pace = new Pace();
  expect(pace.secondsLeft([unit("training", "va", "left")], 2)).toBeNull();
  expect(pace.secondsLeft([unit("training", "va", "done")], 2)).toBe(0);
});

test("the nearest kin tells how long a training takes: its arm, its method, any", () => {
  const pace = new Pace();
  pace.learn(unit("training", "va", "done"), 10);
  pace.learn(unit("training", "rwa", "done"), 30);
  const left = (method: string, family: string) =>
    pace.secondsLeft([unit("training", method, "left", family)], 1);
  expect(left("rwa", "rotation")).toBe(30);
  expect(left("va", "contrast")).toBe(10);
  expect(left("vwa", "contrast")).toBe(20);
});

test("tests are timed apart, running units count half, and jobs share the work", () => {
  const pace = new Pace();
  pace.learn(unit("training", "va", "done"), 10);
  pace.learn(unit("test", "va", "done"), 2);
  const units = [
    unit("training", "va", "running"),
    unit("training", "va", "left"),
    unit("test", "va", "left"),
    unit("test", "rwa", "left"),
    unit("test", "rwa", "failed"),
  ];
  expect(pace.secondsLeft(units, 1)).toBe(5 + 10 + 2 + 2);
  expect(pace.secondsLeft(units, 2)).toBe(19 / 2);
  expect(pace.secondsLeft(units, 100), "no more at a time than there are").toBe(19 / 4);
});
