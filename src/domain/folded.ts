/** One text for names that some readers take for each other: those that differ in capitals, or in letters that share one. */
export function folded(name: string): string {
  return name.toUpperCase().toLowerCase();
}
