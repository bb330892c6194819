import { Canvas, type Colour, dotSize, textWidth } from "./canvas.ts";
import { letterAdvance, lineAdvance } from "./dot-font.ts";
import type { Picture } from "./record.ts";
import { shrunk } from "./shrunk.ts";

export interface ContactSheet {
  readonly title: string;
  /** What the rows are of. */
  readonly subtitle: string;
  /** A label above each column. */
  readonly columns: readonly string[];
  /** A label at the left of each row, and a picture for each column; all pictures are of one size. */
  readonly rows: readonly { readonly label: string; readonly pictures: readonly Picture[] }[];
}

const ink: Colour = [34, 34, 34];
const paleInk: Colour = [110, 110, 110];
const warning: Colour = [170, 60, 0];
/** Around each picture: white ones would have no edge. */
const frame: Colour = [200, 200, 200];

const margin = 20;
const gap = 8;
const lineHeight = lineAdvance * dotSize;
/** Small pictures are magnified to about this side, large ones made smaller to at most twice of it. */
const pictureSide = 128;
/** Room for ten letters: the longer names of transforms break at a space. */
const leastColumnWidth = 10 * letterAdvance * dotSize;

/**
 * Pictures in rows and columns as a PNG. Small ones are magnified by a whole factor, so that their pixels show; values
 * outside [0, 1] are clamped, and the header says so. The same on every machine: the letters are our own.
 */
export function contactSheet({ title, subtitle, columns, rows }: ContactSheet): Buffer {
  const [{ height, width }] = rows[0].pictures;
  const shrink = Math.ceil(Math.max(height, width) / (2 * pictureSide));
  const scale = Math.max(1, Math.floor(pictureSide / Math.max(height, width)));
  const pictureHeight = Math.floor(height / shrink) * scale;
  const pictureWidth = Math.floor(width / shrink) * scale;
  const columnWidth = Math.max(pictureWidth, leastColumnWidth);

  const headings = columns.map((column) => wrapped(column, columnWidth));
  const headingLines = Math.max(...headings.map((lines) => lines.length));
  const labels = rows.map(({ label }) => wrapped(label, leastColumnWidth));
  const labelWidth = Math.max(...labels.flat().map(textWidth));
  const rowHeight = Math.max(pictureHeight, ...labels.map((lines) => lines.length * lineHeight));
  const left = margin + labelWidth + 2 * gap;
  const right = Math.max(left + columns.length * (columnWidth + gap) - gap, margin + textWidth(title) + 1);
  const totalWidth = right + margin;
  const note = clampingNote(rows.flatMap(({ pictures }) => pictures));
  const header: readonly (readonly [string, Colour])[] = [
    [title, ink],
    ...wrapped(subtitle, totalWidth - 2 * margin).map((line) => [line, paleInk] as const),
    ...wrapped(note, totalWidth - 2 * margin).map((line) => [line, warning] as const),
  ];
  const headingsTop = margin + header.length * lineHeight + gap;
  const top = headingsTop + headingLines * lineHeight;

  const canvas = new Canvas(totalWidth, top + rows.length * (rowHeight + gap) - gap + margin);
  header.forEach(([line, colour], i) => {
    const y = margin + i * lineHeight;
    canvas.text(line, margin, y, colour);
    // A pixel to the right once more: bold.
    if (i === 0) canvas.text(line, margin + 1, y, colour);
  });
  headings.forEach((heading, column) => {
    const centre = left + column * (columnWidth + gap) + columnWidth / 2;
    heading.forEach((line, i) => {
      // The last lines of all headings stand side by side, right above the pictures.
      const y = headingsTop + (headingLines - heading.length + i) * lineHeight;
      canvas.text(line, Math.round(centre - textWidth(line) / 2), y, ink);
    });
  });
  rows.forEach(({ pictures }, row) => {
    const y = top + row * (rowHeight + gap);
    const labelTop = Math.round(y + (rowHeight - labels[row].length * lineHeight) / 2);
    labels[row].forEach((line, i) => canvas.text(line, margin, labelTop + i * lineHeight, ink));
    pictures.forEach((picture, column) => {
      const x = left + column * (columnWidth + gap) + Math.floor((columnWidth - pictureWidth) / 2);
      canvas.fill(x - 1, y - 1, pictureWidth + 2, pictureHeight + 2, frame);
      canvas.picture(shrunk(picture, shrink), x, y, scale);
    });
  });
  return canvas.toPng();
}

/** A text in lines of at most `width` pixels: broken at spaces, within a word only where that alone is too long. */
function wrapped(text: string, width: number): string[] {
  const letters = Math.floor((width / dotSize + 1) / letterAdvance);
  const result: string[] = [];
  for (const word of text.split(" ").filter((part) => part !== "")) {
    const last = result.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= letters) {
      result[result.length - 1] = `${last} ${word}`;
    } else {
      for (let i = 0; i < word.length; i += letters) result.push(word.slice(i, i + letters));
    }
  }
  return result;
}

/** Empty when every value is in [0, 1], but for rounding. */
function clampingNote(pictures: readonly Picture[]): string {
  const ranges = pictures.map(({ pixels }) => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = 0; i < pixels.length; i++) {
      low = Math.min(low, pixels[i]);
      high = Math.max(high, pixels[i]);
    }
    return [low, high] as const;
  });
  const outside = ranges.filter(([low, high]) => low < -1e-4 || high > 1 + 1e-4);
  if (outside.length === 0) return "";
  const low = Math.min(...outside.map(([least]) => least));
  const high = Math.max(...outside.map(([, most]) => most));
  return (
    `${outside.length} of ${pictures.length} pictures have values outside [0, 1], ` +
    `from ${low.toFixed(2)} to ${high.toFixed(2)}; clamped here.`
  );
}
