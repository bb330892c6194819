/** Items for a message, a long list cut. */
export function listed(items: readonly string[], most = 12): string {
  if (items.length <= most) return items.join(", ");
  return `${items.slice(0, most).join(", ")} and ${items.length - most} more`;
}
