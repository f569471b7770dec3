/** A number, also written as a fraction: `0.03` or `8/255`. NaN for everything else. */
export function parseFraction(text: string): number {
  const parts = text.split('/').map((part) => (isNumeral(part) ? Number(part) : NaN));
  if (parts.length === 1) return parts[0]!;
  return parts.length === 2 ? parts[0]! / parts[1]! : NaN;
}

/** Whether a text is a decimal number, and nothing else. */
export function isNumeral(text: string): boolean {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text);
}
