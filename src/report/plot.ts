/**
 * Observable Plot, and an empty SVG document for it to draw in. They are read with the first chart: what most commands, and
 * most programs with the library, would load for nothing takes longer to load than all else together.
 */
export async function loadPlot() {
  const [Plot, { DOMParser }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  // An XML document: linkedom escapes & and < in attributes there, and not in HTML documents.
  const document = new DOMParser().parseFromString("<svg/>", "image/svg+xml") as never;
  return { Plot, document };
}
