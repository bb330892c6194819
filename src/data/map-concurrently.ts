/**
 * `items` mapped in order with at most `limit` calls under way. After a failure no further call starts, and the
 * failure of the earliest item is thrown once those under way have ended, so an error does not depend on timing.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  limit: number,
  map: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const failures: { index: number; error: unknown }[] = [];
  let next = 0;
  async function work(): Promise<void> {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await map(items[index], index);
      } catch (error) {
        failures.push({ index, error });
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  if (failures.length > 0) throw failures.sort((a, b) => a.index - b.index)[0].error;
  return results;
}
