/** The choice that a mistyped name most likely meant; undefined when none is near. */
export function nearestName(name: string, choices: readonly string[]): string | undefined {
  const near = choices
    .map((choice) => ({ choice, edits: editDistance(name.toLowerCase(), choice.toLowerCase()) }))
    .filter(({ choice, edits }) => edits <= Math.ceil(Math.min(name.length, choice.length) / 3))
    .sort((a, b) => a.edits - b.edits);
  return near[0]?.choice;
}

/** Levenshtein distance: insertions, deletions and replacements of one letter. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}
