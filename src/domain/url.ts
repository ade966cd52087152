/** Undefined where it is none. */
export function urlOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Host and port of a URL, "" when it is none. */
export function hostOf(url: string): string {
  return urlOf(url)?.host ?? "";
}
