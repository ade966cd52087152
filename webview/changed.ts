/** Calls `show` only for values that differ from the one before, so that focus, selection and scrolling survive a refresh. */
export function whenChanged<T>(show: (value: T) => void): (value: T) => void {
  let last: string | undefined;
  return (value) => {
    const text = JSON.stringify(value);
    if (text === last) return;
    last = text;
    show(value);
  };
}
