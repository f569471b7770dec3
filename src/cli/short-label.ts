/** The first of a class's names: `tiger cat` of `tiger cat, Felis tigrina`. */
export function shortLabel(label: string): string {
  return label.split(',')[0]!.trim();
}
