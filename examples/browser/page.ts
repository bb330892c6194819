/** The page: orders a training from its worker and shows what that reports. */
import type { Order, Report, ShownDigit } from "./messages.ts";

const find = <Kind extends Element>(selector: string) => document.querySelector<Kind>(selector)!;
const form = find<HTMLFormElement>("#settings");
const start = find<HTMLButtonElement>("#start");
const stop = find<HTMLButtonElement>("#stop");
const progress = find<HTMLProgressElement>("#progress");
const status = find("#status");
const error = find<HTMLElement>("#error");
const download = find<HTMLAnchorElement>("#download");

interface Run {
  readonly worker: Worker;
  readonly steps: number;
  readonly losses: number[];
  digits: readonly ShownDigit[];
  memberNames: readonly string[];
  /** The digit that is shown. */
  digit: number;
  readonly answers: { before?: readonly (readonly number[])[]; after?: readonly (readonly number[])[] };
}
let run: Run | null = null;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const settings = new FormData(form);
  const worker = new Worker(new URL("./training.ts", import.meta.url), { type: "module" });
  const steps = Number(settings.get("steps"));
  run = { worker, steps, losses: [], digits: [], memberNames: [], digit: 0, answers: {} };
  worker.addEventListener("message", ({ data }: MessageEvent<Report>) => show(run!, data));
  worker.addEventListener("error", ({ message }) => fail(message || "The worker's code cannot be loaded."));
  const order = {
    kind: "start",
    base: document.baseURI,
    method: settings.get("method"),
    provider: settings.get("provider"),
    steps,
  } as Order;
  worker.postMessage(order);
  for (const cell of document.querySelectorAll("#scores td")) cell.remove();
  for (const part of [error, download, find<HTMLElement>("#digit")]) part.hidden = true;
  [start.disabled, stop.disabled] = [true, false];
  status.textContent = "Fetching digits and ONNX Runtime …";
  progress.removeAttribute("value");
});
stop.addEventListener("click", () => {
  stop.disabled = true;
  run?.worker.postMessage({ kind: "stop" } satisfies Order);
});
find("#next").addEventListener("click", () => {
  if (!run) return;
  run.digit = (run.digit + 1) % run.digits.length;
  showDigit(run);
});
status.textContent = "Ready.";
start.disabled = false;

function show(current: Run, report: Report): void {
  switch (report.kind) {
    case "shown":
      current.digits = report.digits;
      current.memberNames = report.memberNames;
      return showDigit(current);
    case "testing":
      status.textContent = "Testing …";
      progress.value = report.share;
      return;
    case "step":
      return showStep(current, report);
    case "tested":
      current.answers[report.when] = report.answers;
      showDigit(current);
      return showScores(report);
    case "trained":
      URL.revokeObjectURL(download.href);
      download.href = URL.createObjectURL(new Blob([report.file]));
      download.hidden = false;
      return end(`Trained for ${report.steps} steps.`);
    case "failed":
      return fail(report.message);
  }
}

function showStep(
  { steps, losses }: Run,
  { step, loss, milliseconds }: Extract<Report, { kind: "step" }>,
): void {
  losses.push(loss);
  progress.value = step / steps;
  status.textContent = `Step ${step} of ${steps}: loss ${loss.toFixed(3)}, ${milliseconds.toFixed(0)} ms`;
  const highest = Math.max(...losses);
  const points = losses.map((value, i) => `${(600 * i) / (steps - 1 || 1)},${80 - (78 * value) / highest}`);
  find("polyline").setAttribute("points", points.join(" "));
}

function showScores({ when, scores }: Extract<Report, { kind: "tested" }>): void {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  for (const name of ["cleanAccuracy", "robustAccuracy", "invarianceScore"] as const) {
    const row = find<HTMLTableRowElement>(`[data-score=${name}]`);
    const { value, low, high } = scores[name];
    row.insertCell().textContent = percent(value);
    if (when === "after") row.insertCell().textContent = `${percent(low)} to ${percent(high)}`;
  }
}

/** The views of the digit, and what it was and is taken for. */
function showDigit({ digits, memberNames, digit, answers }: Run): void {
  const { label, views } = digits[digit];
  find<HTMLElement>("#digit").hidden = false;
  const head = find<HTMLTableSectionElement>("#digit thead");
  head.replaceChildren();
  const names = head.insertRow();
  const pictures = head.insertRow();
  names.insertCell();
  pictures.insertCell().textContent = `a ${label}`;
  views.forEach((view, k) => {
    names.insertCell().textContent = memberNames[k];
    pictures.insertCell().append(picture(view));
  });
  for (const when of ["before", "after"] as const) {
    const row = find<HTMLTableRowElement>(`#digit [data-when=${when}]`);
    row.replaceChildren();
    row.insertCell().textContent = `${when}:`;
    for (const answer of answers[when]?.[digit] ?? []) {
      const cell = row.insertCell();
      cell.textContent = String(answer);
      cell.className = answer === label ? "right" : "wrong";
    }
  }
}

/** A grey image, [28, 28] in [0, 1], on a canvas. */
function picture(view: Float32Array): HTMLCanvasElement {
  const size = Math.sqrt(view.length);
  const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
  const rgba = Uint8ClampedArray.from({ length: 4 * view.length }, (_, i) =>
    i % 4 === 3 ? 255 : 255 * view[Math.floor(i / 4)],
  );
  canvas.getContext("2d")!.putImageData(new ImageData(rgba, size), 0, 0);
  return canvas;
}

function end(text: string): void {
  run?.worker.terminate();
  status.textContent = text;
  progress.value = 1;
  [start.disabled, stop.disabled] = [false, true];
}

function fail(message: string): void {
  end("It failed.");
  error.textContent = message;
  error.hidden = false;
}
