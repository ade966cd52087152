/** Calls `run` once nobody called for so long, with what was said last. */
export function whenRested<Said extends readonly unknown[]>(
  ms: number,
  run: (...said: Said) => void,
): (...said: Said) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (...said) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...said), ms);
  };
}
