/** The report's style: system fonts, one accent, light and dark. */
export const stylesheet = `
:root {
  --ink: #1c2024; --soft: #5c6670; --line: #dfe3e8; --page: #fbfbfa; --card: #ffffff;
  --accent: #3b6fd4; --wrong: #b3261e; --bar: #e9edf3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e8eaed; --soft: #9aa4af; --line: #333a42; --page: #14171a; --card: #1c2024;
    --accent: #7ea6f5; --wrong: #ff8a80; --bar: #2b323a;
    --series-1: #7ea6f5; --series-2: #f5a04f; --series-3: #4fc795; --series-4: #e57fbb;
    --series-5: #d4b43c; --series-6: #ab93f0; --series-7: #45bfd2; --series-8: #f08080;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main { max-width: 60rem; margin: 0 auto; padding: clamp(1.5rem, 5vw, 4rem) clamp(1rem, 4vw, 2rem); }
h1 { margin: 0; font-size: clamp(1.6rem, 4vw, 2.2rem); line-height: 1.2; letter-spacing: -0.02em; text-wrap: balance; }
h2 { margin: 0 0 0.75rem; font-size: 1.15rem; letter-spacing: -0.01em; }
section { margin-top: 3rem; }
.subtitle { margin: 0.5rem 0 0; color: var(--soft); }
dl, dd, ul { margin: 0; padding: 0; }
.meanings { margin-top: 2rem; padding-left: 1rem; border-left: 3px solid var(--accent); }
.meanings div { display: flex; flex-wrap: wrap; column-gap: 0.5rem; }
.meanings dt { font-weight: 600; }
.meanings dd { color: var(--soft); }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 4px; border-radius: 4px; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; }
thead th { font-weight: 500; font-size: 0.85rem; color: var(--soft); }
.scores { min-width: 42rem; font-variant-numeric: tabular-nums; }
.scores caption { caption-side: bottom; padding-top: 0.6rem; text-align: left; font-size: 0.85rem; color: var(--soft); }
.scores th, .scores td { padding: 0.65rem 0.75rem; border-bottom: 1px solid var(--line); vertical-align: top; }
.scores th:first-child { padding-left: 0; }
.scores th:last-child, .scores td:last-child { padding-right: 0; }
.scores tbody th, .scores td { white-space: nowrap; }
.scores.few { min-width: 0; }
.scores.few tbody th { white-space: normal; }
.scores small { color: var(--soft); font-weight: 400; font-size: 0.8rem; }
.scores th small { display: block; }
.number { text-align: right; }
.bar {
  display: block; height: 4px; margin-top: 0.4rem; border-radius: 2px;
  background: linear-gradient(var(--accent) 0 0) no-repeat 0 / var(--value) 100% var(--bar);
}
.chart svg { display: block; width: 100%; min-width: 36rem; height: auto; }
.views { list-style: none; display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); }
.views li { padding: 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0.75rem; }
figure { margin: 0; }
figure img { display: block; width: 100%; height: auto; border-radius: 4px; image-rendering: pixelated; }
figcaption { margin-top: 0.35rem; font-size: 0.85rem; color: var(--soft); }
.views table { margin-top: 0.75rem; font-size: 0.8rem; font-variant-numeric: tabular-nums; }
.views th, .views td { padding: 0.2rem 0; vertical-align: baseline; }
.views tbody th { font-weight: 400; text-wrap: balance; }
.views thead th + th, .views td { text-align: right; padding-left: 0.6rem; white-space: nowrap; }
.wrong { color: var(--wrong); font-weight: 600; }
.manifest { font-size: 0.9rem; }
.manifest div { display: grid; grid-template-columns: 6rem minmax(0, 1fr); column-gap: 0.75rem; padding: 0.4rem 0; border-bottom: 1px solid var(--line); }
.manifest dt { color: var(--soft); }
.manifest dd { overflow-wrap: anywhere; }
.hash { color: var(--soft); font-size: 0.85em; }
code { font: 0.9em ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; }
h3 { margin: 1.5rem 0 0.75rem; font-size: 1rem; font-weight: 600; }
.notes { padding-left: 1.2rem; color: var(--soft); }
.views p { margin: 0.5rem 0 0; font-size: 0.9rem; }
.views .file { overflow-wrap: anywhere; color: var(--soft); font-size: 0.8rem; }
.classes th[colspan] { text-align: center; border-bottom: 1px solid var(--line); }
.classes td small { display: block; }
.classes tbody th { white-space: normal; overflow-wrap: anywhere; min-width: 8rem; }
.confusion { width: auto; margin-bottom: 1.5rem; font-variant-numeric: tabular-nums; }
.confusion caption { caption-side: top; padding-bottom: 0.4rem; text-align: left; white-space: nowrap; font-weight: 600; }
.confusion td { text-align: center; border: 1px solid var(--line); }
.confusion .right { background: color-mix(in srgb, var(--accent) calc(var(--share) * 0.55), transparent); }
.confusion .mistaken { background: color-mix(in srgb, var(--wrong) calc(10% + var(--share) * 0.6), transparent); }
.confusion tbody th span { display: block; max-width: 12rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; padding-right: 0.5rem; font-weight: 400; }
.confusion thead th span { display: block; max-height: 9rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; writing-mode: vertical-rl; margin: 0 auto; padding: 0.3rem 0; }
.confusion thead th { vertical-align: bottom; }
.confusion.roomy td { min-width: 2.4rem; height: 2rem; padding: 0.2rem 0.4rem; }
.confusion.few thead th span { writing-mode: horizontal-tb; max-width: 9rem; padding: 0.3rem 0.5rem; }
.confusion.tight { font-size: 0.6rem; line-height: 1; }
.confusion.tight td { min-width: 1rem; height: 1rem; padding: 0; }
.confusion.tight th { font-size: 0.65rem; }
.mistakes { width: auto; font-size: 0.9rem; }
.mistakes th, .mistakes td { padding: 0.3rem 1rem 0.3rem 0; border-bottom: 1px solid var(--line); }
.mistakes tbody th { font-weight: 400; }
@media print { section { break-inside: avoid; } }
`;
