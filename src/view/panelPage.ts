// The page around a panel's script: strict CSP, no inline code, nothing but the panel's own script and style sheet.

export interface PanelPage {
  /** The panel's bundle: `<bundle>.js` with `<bundle>.css`. */
  readonly bundle: string;
  /** Where the page finds one of these files. */
  readonly uriOf: (file: string) => string;
  /** What those addresses begin with, for the policy. */
  readonly cspSource: string;
  /** Another one for each page, not to be guessed. */
  readonly nonce: string;
  /** Of the texts, such as "en". */
  readonly language: string;
  readonly title: string;
  /** Which page of a bundle that has several. */
  readonly page?: string;
  /** Of bytes that it is handed; of no address. */
  readonly showsPictures?: boolean;
}

export function panelPage({
  bundle,
  uriOf,
  cspSource,
  nonce,
  language,
  title,
  page = "",
  showsPictures = false,
}: PanelPage): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    // The toolkit adopts style sheets by nonce; without it :focus-visible is lost.
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `font-src ${cspSource}`,
    ...(showsPictures ? ["img-src data:"] : []),
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${escaped(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta property="csp-nonce" content="${escaped(nonce)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escaped(uriOf(`${bundle}.css`))}">
<title>${escaped(title)}</title>
</head>
<body data-page="${escaped(page)}">
<script nonce="${escaped(nonce)}" src="${escaped(uriOf(`${bundle}.js`))}"></script>
</body>
</html>`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** A title is text that a translator wrote; an address may have an ampersand. */
function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? "");
}
