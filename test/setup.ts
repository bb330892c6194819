import { expect } from "vitest";

interface Tolerance {
  /** Allowed difference relative to the expected element. */
  rtol?: number;
  /** Allowed absolute difference. */
  atol?: number;
}

interface CloseMatchers<R = unknown> {
  /** Every element within `atol + rtol·|expected|`, as NumPy's allclose; prints the worst element and its index. */
  toBeAllClose(expected: ArrayLike<number>, tolerance: Tolerance): R;
}

declare module "vitest" {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any, @typescript-eslint/no-empty-object-type -- must repeat Vitest's own signature
  interface Matchers<T = any> extends CloseMatchers<T> {}
}

expect.extend({
  toBeAllClose(received: ArrayLike<number>, expected: ArrayLike<number>, { rtol = 0, atol = 0 }: Tolerance) {
    if (received.length !== expected.length) {
      return { pass: false, message: () => `${received.length} elements, expected ${expected.length}` };
    }
    let worst = -1;
    let excess = 0;
    for (let i = 0; i < expected.length; i++) {
      const difference = Math.abs(received[i] - expected[i]);
      const over = difference - (atol + rtol * Math.abs(expected[i]));
      const same = Object.is(received[i], expected[i]) || received[i] === expected[i];
      if (!same && !(over <= excess)) {
        worst = i;
        excess = Number.isNaN(over) ? Infinity : over;
      }
    }
    return {
      pass: worst < 0,
      message: () =>
        worst < 0
          ? `all ${expected.length} elements are within atol ${atol} + rtol ${rtol}`
          : `element ${worst} is ${received[worst]}, expected ${expected[worst]} (atol ${atol}, rtol ${rtol})`,
    };
  },
});
