// Comma-separated values as RFC 4180 has them, safe to open in a spreadsheet.

/** Lines end in CRLF; a byte order mark tells spreadsheets that it is UTF-8. */
export function csv(rows: readonly (readonly string[])[]): string {
  return `\ufeff${rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("")}`;
}

/** Quoted also for what other languages' spreadsheets take as the end of a cell. */
function cell(text: string): string {
  const safe = isFormula(text) ? `'${text}` : text;
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** What a spreadsheet would run instead of show; a plain number may begin with its sign. */
function isFormula(text: string): boolean {
  return (
    (/^[\s\0]*[=+\-@|\uff0b\uff0d\uff1d\uff20]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text)) ||
    /^[\t\r\n]/.test(text)
  );
}
