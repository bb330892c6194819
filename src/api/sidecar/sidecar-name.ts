/** What the file is called beside a model's: `classifier.json` for those that have a folder to themselves. */
export function sidecarName(model: string): string {
  const stem = model.replace(/^.*[\\/]/, "").replace(/\.[^.]+$/, "");
  return stem === "model" || stem === "" ? "classifier.json" : `${stem}.classifier.json`;
}
