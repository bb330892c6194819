/**
 * HDF5 files as Keras writes them: groups, text attributes, and numbers that lie in one piece each. Written from the
 * format's specification, version 3.0 (https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html), for files of
 * strangers: nothing outside the file is opened, every structure is read once at most, and what is not read is refused
 * by its path.
 */
import { ModelError } from "../../../onnx/index.ts";
import { textAttributes } from "./attributes.ts";
import { type Dataset, datasetOf, isDataset } from "./dataset.ts";
import { FileBytes, type Range, damaged } from "./file-bytes.ts";
import { HeapTexts } from "./global-heap.ts";
import { followed, linksOf } from "./links.ts";
import { messagesOf } from "./object-header.ts";
import { rootAddress } from "./superblock.ts";

export interface Hdf5File {
  /** By path without a leading slash, in the file's order: groups in the order of their names. */
  readonly datasets: ReadonlyMap<string, Dataset>;
  /** Text attributes of groups and data sets by path ("" is the root); an attribute is a list of its elements. */
  readonly attributes: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
}

const deepest = 64;

/**
 * @param isRead  whether what lies at a path matters; what does not is left out, whatever it is
 * @throws ModelError  with the path of what cannot be read
 */
export function openHdf5(bytes: Uint8Array, isRead: (path: string) => boolean = () => true): Hdf5File {
  const file = new FileBytes(bytes);
  const heaps = new HeapTexts(file);
  const datasets = new Map<string, Dataset>();
  const attributes = new Map<string, ReadonlyMap<string, readonly string[]>>();
  const pathOf = new Map<number, string>();
  const waiting = [{ path: "", address: rootAddress(file), depth: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { path, address, depth } = next;
    named(path, () => {
      const other = pathOf.get(address);
      if (other !== undefined) throw new ModelError(`it is a second name of "${other}"`);
      if (depth > deepest) throw new ModelError(`it lies in more than ${deepest} groups`);
      pathOf.set(address, path);
      const messages = messagesOf(file, address);
      const texts = textAttributes(file, messages, heaps);
      if (texts.size > 0) attributes.set(path, texts);
      if (isDataset(messages)) {
        datasets.set(path, datasetOf(file, messages, texts));
        return;
      }
      // The last first: the stack turns them round again.
      for (const link of linksOf(file, messages).reverse()) {
        const child = path === "" ? link.name : `${path}/${link.name}`;
        if (isRead(child)) waiting.push({ path: child, address: followed(link, child), depth: depth + 1 });
      }
    });
  }
  checkApart(datasets, file.structures);
  return { datasets, attributes };
}

/** Says in an error which path it is about, unless it does already. */
function named(path: string, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof ModelError) || path === "" || error.message.startsWith('"')) throw error;
    throw new ModelError(`"${path}": ${error.message}`, { cause: error });
  }
}

/** Numbers that share bytes with others, or with the file's own structure, would be changed with them. */
function checkApart(datasets: ReadonlyMap<string, Dataset>, structures: readonly Range[]): void {
  const ranges = [...datasets]
    .filter(([, { byteLength }]) => byteLength > 0)
    .map(([path, { start, byteLength }]) => ({ path, start, end: start + byteLength }));
  const all = [...ranges, ...structures.map((range) => ({ path: undefined, ...range }))];
  all.sort((a, b) => a.start - b.start);
  // The furthest end so far of numbers, and of anything.
  let [numbers, anything] = [
    { path: "", end: 0 },
    { path: "" as string | undefined, end: 0 },
  ];
  for (const range of all) {
    const before = range.path === undefined ? numbers : anything;
    if (range.start < before.end && range.end > range.start) {
      const [first, second] = [before.path, range.path].map((path) =>
        path === undefined ? "the file's own structure" : `"${path}"`,
      );
      throw damaged(`${first} and ${second} share bytes`);
    }
    if (range.end > anything.end) anything = { path: range.path, end: range.end };
    if (range.path !== undefined && range.end > numbers.end) numbers = { path: range.path, end: range.end };
  }
}
