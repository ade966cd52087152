// The local endpoint as other programs are told of it. A key stands in it only when the user asked for that; a model's name comes from the chain
// and is quoted so that nothing in it acts.
import type { Translate } from "../translate.js";

export type ProgramKind = "continue" | "cline" | "aider" | "javascript" | "python";

export interface Connection {
  readonly url: string;
  readonly model: string;
  /** Absent: a placeholder stands for it. */
  readonly key?: string;
}

export const keyPlaceholder = "YOUR_ZG_LOCAL_KEY";

export function programChoices(
  t: Translate,
): readonly { readonly label: string; readonly detail: string; readonly value: ProgramKind }[] {
  return [
    {
      label: "Continue",
      detail: t("Its config.yaml; if you have one, take only the entry below “models”"),
      value: "continue",
    },
    { label: "Cline", detail: t("What to type into its settings, as “OpenAI Compatible”"), value: "cline" },
    { label: "aider", detail: t("For a shell"), value: "aider" },
    { label: "OpenAI SDK, JavaScript", detail: t("For Node"), value: "javascript" },
    { label: "OpenAI SDK, Python", detail: t("For Python 3"), value: "python" },
  ];
}

export function configurationFor(kind: ProgramKind, { url, model, key }: Connection): string {
  const secret = key ?? keyPlaceholder;
  const [base, name, token] = [literal(url), literal(model), literal(secret)];
  switch (kind) {
    case "continue":
      return [
        "name: 0G Compute",
        "version: 1.0.0",
        "schema: v1",
        "models:",
        `  - name: ${literal(`${model} (0G)`)}`,
        "    provider: openai",
        `    model: ${name}`,
        `    apiBase: ${base}`,
        `    apiKey: ${token}`,
        "    roles: [chat, edit, apply]",
        "",
      ].join("\n");
    case "cline":
      return [
        "API Provider: OpenAI Compatible",
        `Base URL: ${url}`,
        `API Key: ${secret}`,
        `Model ID: ${model.replace(/\p{C}/gu, "")}`,
        "",
      ].join("\n");
    case "aider":
      return [
        `export OPENAI_API_BASE=${shellText(url)}`,
        `export OPENAI_API_KEY=${shellText(secret)}`,
        `aider --model ${shellText(`openai/${model}`)}`,
        "",
      ].join("\n");
    case "javascript":
      return [
        `import OpenAI from "openai";`,
        "",
        `const client = new OpenAI({ baseURL: ${base}, apiKey: ${token} });`,
        `const answer = await client.chat.completions.create({`,
        `  model: ${name},`,
        `  messages: [{ role: "user", content: "What is 0G Compute?" }],`,
        `});`,
        `console.log(answer.choices[0].message.content);`,
        "",
      ].join("\n");
    case "python":
      return [
        "from openai import OpenAI",
        "",
        `client = OpenAI(base_url=${base}, api_key=${token})`,
        "answer = client.chat.completions.create(",
        `    model=${name},`,
        `    messages=[{"role": "user", "content": "What is 0G Compute?"}],`,
        ")",
        "print(answer.choices[0].message.content)",
        "",
      ].join("\n");
  }
}

/** A string in ASCII: the same in JavaScript, Python and YAML, with no hidden characters. */
function literal(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** In single quotes nothing acts but the quote itself; what cannot be seen is left out. */
function shellText(text: string): string {
  return `'${text.replace(/\p{C}/gu, "").replace(/'/g, "'\\''")}'`;
}
