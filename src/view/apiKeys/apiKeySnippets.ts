// How other programs use a key: it stays in an environment variable, so that no snippet ever holds one. URL and model come from the
// chain, written by the provider: they are quoted so that nothing in them acts.
import type { InferenceService } from "../../domain/provider.js";
import { plainLine } from "../text.js";
import type { Translate } from "../translate.js";
import { urlOf } from "../../domain/url.js";

export type SnippetKind = "curl" | "javascript" | "python";

export interface Snippet {
  /** As the editor names it. */
  readonly language: string;
  readonly content: string;
}

const variable = "ZG_API_KEY";

export function snippetChoices(
  t: Translate,
): readonly { readonly label: string; readonly detail: string; readonly value: SnippetKind }[] {
  return [
    { label: "curl", detail: t("For a shell"), value: "curl" },
    { label: "JavaScript", detail: t("Node 18 or newer, without packages"), value: "javascript" },
    { label: "Python", detail: t("Python 3, without packages"), value: "python" },
  ];
}

export function apiKeySnippet(
  kind: SnippetKind,
  { url, model, serviceType }: Pick<InferenceService, "url" | "model" | "serviceType">,
  t: Translate,
): Snippet {
  const { path, ...content } = exampleOf(serviceType, model);
  const example: Example = { ...content, url: urlOf(`${url}${path}`)?.href ?? `${url}${path}` };
  const hint = t(
    "Put the key into the environment variable {0} first; it must not stand in a file.",
    variable,
  );
  switch (kind) {
    case "curl":
      return { language: "shellscript", content: curl(example, hint) };
    case "javascript":
      return { language: "javascript", content: javascript(example, hint) };
    case "python":
      return { language: "python", content: python(example, hint) };
  }
}

interface Example {
  readonly url: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Goes along in a form, from the folder in which the program runs. */
  readonly file?: { readonly field: string; readonly name: string; readonly type: string };
}

/** The routes and fields of each kind of service (spec inference.md 4, 8 and 9). */
function exampleOf(serviceType: string, model: string): Omit<Example, "url"> & { path: string } {
  switch (serviceType) {
    case "text-to-image":
      return {
        path: "/v1/proxy/images/generations",
        fields: { model, prompt: "A lighthouse at dawn", n: 1 },
      };
    case "image-editing":
      return {
        path: "/v1/proxy/images/edits",
        fields: { model, prompt: "The same at night" },
        file: { field: "image", name: "picture.png", type: "image/png" },
      };
    case "speech-to-text":
      return {
        path: "/v1/proxy/audio/transcriptions",
        fields: { model },
        file: { field: "file", name: "recording.wav", type: "audio/wav" },
      };
    default:
      return {
        path: "/v1/proxy/chat/completions",
        fields: { model, messages: [{ role: "user", content: "What is 0G Compute?" }] },
      };
  }
}

function curl({ url, fields, file }: Example, hint: string): string {
  // As a string: with -F, a value that begins with "@" or "<" would send a file. A shell knows no escapes for hidden characters.
  const form = Object.entries(fields).map(
    ([name, value]) => `--form-string ${shellText(`${name}=${plainLine(String(value))}`)}`,
  );
  const body = file
    ? [...form, `-F ${shellText(`${file.field}=@${file.name};type=${file.type}`)}`]
    : [`-H "Content-Type: application/json"`, `-d ${shellText(literal(fields, "  "))}`];
  const options = [`-H "Authorization: Bearer $${variable}"`, ...body];
  return [`# ${hint}`, [`curl ${shellText(url)}`, ...options].join(" \\\n  "), ""].join("\n");
}

function javascript({ url, fields, file }: Example, hint: string): string {
  const authorization = `Authorization: \`Bearer \${process.env.${variable}}\``;
  const sent = (headers: readonly string[], body: string) => [
    `const response = await fetch(${literal(url)}, {`,
    `  method: "POST",`,
    ...headers,
    `  body: ${body},`,
    `});`,
    `console.log(response.status, await response.text());`,
  ];
  const lines = file
    ? [
        `import { readFile } from "node:fs/promises";`,
        "",
        `const form = new FormData();`,
        ...Object.entries(fields).map(([name, value]) => `form.set("${name}", ${literal(value)});`),
        `const content = new Blob([await readFile("${file.name}")], { type: "${file.type}" });`,
        `form.set("${file.field}", content, "${file.name}");`,
        "",
        ...sent([`  headers: { ${authorization} },`], "form"),
      ]
    : sent(
        [`  headers: {`, `    ${authorization},`, `    "Content-Type": "application/json",`, `  },`],
        `JSON.stringify(${literal(fields, "  ")})`,
      );
  return [`// ${hint}`, ...lines, ""].join("\n");
}

function python({ url, fields, file }: Example, hint: string): string {
  const sent = (data: string, type: string) => [
    `request = urllib.request.Request(`,
    `    ${pythonLiteral(url)},`,
    `    data=${data},`,
    `    headers={`,
    `        "Authorization": f"Bearer {os.environ['${variable}']}",`,
    `        "Content-Type": ${type},`,
    `    },`,
    `)`,
    `with urllib.request.urlopen(request) as response:`,
    `    print(response.status, response.read().decode())`,
  ];
  const lines = file
    ? [
        `import os, secrets, urllib.request`,
        "",
        `fields = ${pythonLiteral(fields)}`,
        `boundary = secrets.token_hex(16)`,
        `start = f'--{boundary}\\r\\nContent-Disposition: form-data; name='`,
        `form = "".join(f'{start}"{name}"\\r\\n\\r\\n{value}\\r\\n' for name, value in fields.items())`,
        `form += f'{start}"${file.field}"; filename="${file.name}"\\r\\nContent-Type: ${file.type}\\r\\n\\r\\n'`,
        `with open("${file.name}", "rb") as file:`,
        `    data = form.encode() + file.read() + f"\\r\\n--{boundary}--\\r\\n".encode()`,
        "",
        ...sent("data", `f"multipart/form-data; boundary={boundary}"`),
      ]
    : [
        `import json, os, urllib.request`,
        "",
        ...sent(`json.dumps(${pythonLiteral(fields, "    ")}).encode()`, `"application/json"`),
      ];
  return [`# ${hint}`, ...lines, ""].join("\n");
}

/** JSON of strings, numbers, lists and objects, in ASCII, with no hidden characters: JavaScript as it is. */
function literal(value: unknown, indent = ""): string {
  return ascii(JSON.stringify(value, undefined, 2)).replaceAll("\n", `\n${indent}`);
}

/** The same for Python, to which the two halves of a character are not that character. */
function pythonLiteral(value: unknown, indent = ""): string {
  const text = JSON.stringify(value, undefined, 2).replace(/[\u{10000}-\u{10ffff}]/gu, (one) =>
    escaped("U", one.codePointAt(0) ?? 0, 8),
  );
  return ascii(text).replaceAll("\n", `\n${indent}`);
}

function ascii(text: string): string {
  return text.replace(/[\u007f-\uffff]/g, (one) => escaped("u", one.charCodeAt(0), 4));
}

function escaped(letter: string, code: number, digits: number): string {
  return `\\${letter}${code.toString(16).padStart(digits, "0")}`;
}

/** In single quotes nothing acts but the quote itself. */
function shellText(text: string): string {
  return `'${text.replace(/'/g, "'\\''")}'`;
}
