// How other programs use a key: it stays in an environment variable, so that no snippet ever holds one. URL and model come from the
// chain, written by the provider: they are quoted so that nothing in them acts.
import type { InferenceService } from "../../domain/provider.js";
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
  const { path, body } = exampleOf(serviceType, model);
  const endpoint = urlOf(`${url}${path}`)?.href ?? `${url}${path}`;
  const hint = t(
    "Put the key into the environment variable {0} first; it must not stand in a file.",
    variable,
  );
  switch (kind) {
    case "curl":
      return { language: "shellscript", content: curl(endpoint, body, hint) };
    case "javascript":
      return { language: "javascript", content: javascript(endpoint, body, hint) };
    case "python":
      return { language: "python", content: python(endpoint, body, hint) };
  }
}

function exampleOf(serviceType: string, model: string): { path: string; body: object } {
  if (serviceType === "text-to-image")
    return { path: "/v1/proxy/images/generations", body: { model, prompt: "A lighthouse at dawn", n: 1 } };
  const messages = [{ role: "user", content: "What is 0G Compute?" }];
  return { path: "/v1/proxy/chat/completions", body: { model, messages } };
}

function curl(endpoint: string, body: object, hint: string): string {
  return [
    `# ${hint}`,
    `curl ${shellText(endpoint)} \\`,
    `  -H "Authorization: Bearer $${variable}" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d ${shellText(literal(body, "  "))}`,
    "",
  ].join("\n");
}

function javascript(endpoint: string, body: object, hint: string): string {
  return [
    `// ${hint}`,
    `const response = await fetch(${literal(endpoint)}, {`,
    `  method: "POST",`,
    `  headers: {`,
    `    Authorization: \`Bearer \${process.env.${variable}}\`,`,
    `    "Content-Type": "application/json",`,
    `  },`,
    `  body: JSON.stringify(${literal(body, "  ")}),`,
    `});`,
    `console.log(response.status, await response.text());`,
    "",
  ].join("\n");
}

function python(endpoint: string, body: object, hint: string): string {
  return [
    `# ${hint}`,
    `import json, os, urllib.request`,
    "",
    `request = urllib.request.Request(`,
    `    ${literal(endpoint)},`,
    `    data=json.dumps(${literal(body, "    ")}).encode(),`,
    `    headers={`,
    `        "Authorization": f"Bearer {os.environ['${variable}']}",`,
    `        "Content-Type": "application/json",`,
    `    },`,
    `)`,
    `with urllib.request.urlopen(request) as response:`,
    `    print(response.status, response.read().decode())`,
    "",
  ].join("\n");
}

/** JSON of strings, numbers, lists and objects, in ASCII: the same in JavaScript and Python, with no hidden characters. */
function literal(value: unknown, indent = ""): string {
  return JSON.stringify(value, undefined, 2)
    .replace(/[\u007f-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replaceAll("\n", `\n${indent}`);
}

/** In single quotes nothing acts but the quote itself. */
function shellText(text: string): string {
  return `'${text.replace(/'/g, "'\\''")}'`;
}
