/** What a split says of itself, a sentence each. */
import { basename } from "node:path";
import { classCounts, describeCounts } from "./class-counts.ts";
import type { ImageGroups } from "./duplicates/index.ts";
import type { ImageSource } from "./image-source.ts";
import { listed } from "./listed.ts";

interface Places {
  readonly test: readonly number[];
  readonly validation: readonly number[];
  readonly train: readonly number[];
}

/** How many images of each class are held out for what. */
export function heldOutNotes(source: ImageSource, { test, validation, train }: Places): string[] {
  const { name, labels, classNames } = source;
  const present = classCounts(source).flatMap((count, i) => (count > 0 ? [i] : []));
  const ofClasses = (places: readonly number[]) => {
    const counts = classCounts({ labels: Int32Array.from(places, (i) => labels[i]), classNames });
    return present.map((i) => [classNames[i], counts[i]] as const);
  };
  const held = [
    { purpose: "for the test", places: test },
    { purpose: "for validation", places: validation },
  ].filter(({ places }) => places.length > 0);
  if (held.length === 0)
    return [`${name}: its classes are too small for any of its ${labels.length} images to be held out.`];
  const parts = held.map(
    ({ purpose, places }) => `${places.length} ${purpose} (${describeCounts(ofClasses(places))})`,
  );
  const lacking = held.flatMap(({ places }) => ofClasses(places).filter(([, count]) => count === 0));
  const small = [...new Set(lacking.map(([className]) => className))];
  return [
    `${name}: held out are ${parts.join(" and ")}; ${train.length} of ${labels.length} images are trained on.`,
    ...(small.length > 0 ? [`${name}: ${listed(small)} has too few images to hold one out each time.`] : []),
  ];
}

/** Groups of copies, and pictures that are in two classes. */
export function duplicateNotes(source: ImageSource, { contents, groups }: ImageGroups): string[] {
  const nameOf = (i: number) => source.files?.[i] ?? `image ${i}`;
  const copies = groups.filter(({ members }) => members.length > 1);
  const notes: string[] = [];
  if (copies.length > 0) {
    const images = copies.reduce((sum, { members }) => sum + members.length, 0);
    const examples = copies
      .slice(0, 3)
      .map(({ members }) => shortened(members.slice(0, 3).map(nameOf), members.length));
    notes.push(
      `${source.name}: ${images} images are copies of one another, ${copies.length} ` +
        `picture${copies.length === 1 ? "" : "s"} in all, and stay together: ${examples.join("; ")}` +
        `${copies.length > 3 ? "; …" : ""}.`,
    );
  }
  const labelOf = new Map<string, number>();
  const twice: (readonly [number, number])[] = [];
  contents.forEach((content, i) => {
    const earlier = labelOf.get(content);
    if (earlier === undefined) labelOf.set(content, i);
    else if (source.labels[earlier] !== source.labels[i]) twice.push([earlier, i]);
  });
  if (twice.length > 0) {
    const [[a, b]] = twice;
    notes.push(
      `${source.name}: ${twice.length} image${twice.length === 1 ? " is" : "s are"} in two classes, as ` +
        `${nameOf(a)} (${source.classNames[source.labels[a]]}) and ${nameOf(b)} (${source.classNames[source.labels[b]]}). ` +
        `Take one of each away.`,
    );
  }
  return notes;
}

const shortened = (names: readonly string[], count: number): string =>
  `${names.map((name) => basename(name)).join(" = ")}${count > names.length ? ` = ${count - names.length} more` : ""}`;
