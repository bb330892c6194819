import { Html, html } from "./html-template.ts";
import type { ReportRecord } from "./record.ts";

/** How a result was made, as a list of terms for a page. */
export function renderManifest({
  command,
  config,
  data,
  versions,
  machine,
  startedAt,
}: ReportRecord["manifest"]): Html {
  const row = (name: string, value: string | Html) =>
    html`<div>
      <dt>${name}</dt>
      <dd>${value}</dd>
    </div>`;
  const settings = Object.entries(config).filter(([, value]) => value !== null && value !== undefined);
  const software = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const { platform, cpu, cores, memoryGB } = machine;
  return html`<dl class="manifest">
    ${row("command", html`<code>${command}</code>`)}
    ${settings.map(([name, value]) => row(name, typeof value === "string" ? value : JSON.stringify(value)))}
    ${row("data", html`${data.name}, ${data.samples} images, <span class="hash">SHA-256 ${data.sha256}</span>`)}
    ${row("versions", software.join(" · "))}
    ${row("machine", [cpu, `${cores} cores`, `${memoryGB} GB`, platform].join(" · "))}
    ${row("started", startedAt)}
  </dl>`;
}
