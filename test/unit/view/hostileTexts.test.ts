// The words of others, wherever the editor would act on them: links of notifications and prompts, pictures of picks and the status bar,
// characters that turn the text around.
import assert from "node:assert/strict";
import { fromMarkdown } from "mdast-util-from-markdown";
import { ComputeError } from "../../../src/domain/error.js";
import { networks } from "../../../src/domain/networks.js";
import { keptError, loaded, nothingLoaded } from "../../../src/services/loaded.js";
import { accountRows } from "../../../src/view/money/accountRows.js";
import { drawn } from "../../../src/view/choice.js";
import { consentConfirmation } from "../../../src/view/money/consent.js";
import { answerErrorView, errorView } from "../../../src/view/errors/errors.js";
import { modelName } from "../../../src/view/providers/modelNames.js";
import { accountEntries, payeeEntries } from "../../../src/view/money/payees.js";
import { providerRows } from "../../../src/view/providers/providerRows.js";
import { topUpStoppedText } from "../../../src/view/money/returnTexts.js";
import type { Row } from "../../../src/view/rows.js";
import { stateMessage } from "../../../src/view/stateRows.js";
import { statusView } from "../../../src/view/statusView.js";
import { cleanText, fileName, inert, markdownText } from "../../../src/view/text.js";
import { english as t } from "../../../src/view/translate.js";
import {
  address,
  anOverview,
  aProvider,
  aService,
  aSubAccount,
  aWallet,
  noon,
  og,
} from "../../support/builders.js";
import { everyError } from "../../support/everyError.js";

const hostile = [
  "[Click](command:workbench.action.togglePanel)",
  '[Click](https://evil.example) [more](command:a?%5B%5D "title")',
  "[[Click]](command:x)",
  "[Click]\u200B(command:x)",
  "[Click]\u0007(command:x)",
  "](command:x)",
  "$(verified) verified",
  "$\u200B(verified)",
  "$$((verified)",
  "\u202Eevil|x",
  "\u2066isolated\u2069\u200F",
  "bell\u0007\u001B[31m\nline\r\nline\u2028line",
  "\u{E0041}tag\uFEFF\u00AD",
  `[Click](command:x)${"x".repeat(5000)}`,
  `${"x".repeat(199)}[Click](command:x)`,
  "![picture](https://evil.example/a.png) <https://evil.example> <img src=x>",
];

/** Nothing for the editor to act on. */
function assertPlain(text: string, from: string): void {
  assert.doesNotMatch(text, /\]\(|\$\(/, from);

  assert.doesNotMatch(
    text,
    /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u00AD\u200B-\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/,
    from,
  );
  assert.doesNotMatch(text, /[\u{E0000}-\u{E007F}]/u, from);
}

/** As rendered: no link and no picture. */
function assertUnlinked(markdown: string): void {
  const visit = (node: { type: string; children?: unknown[] }): void => {
    assert.ok(!["link", "image", "html", "definition"].includes(node.type), `${node.type} in ${markdown}`);
    for (const child of node.children ?? []) visit(child as typeof node);
  };
  visit(fromMarkdown(markdown));
}

function assertRows(rows: readonly Row[]): void {
  for (const row of rows) {
    for (const text of [row.label, row.description, row.accessibleLabel]) assertPlain(text ?? "", row.id);
    assertUnlinked(row.tooltip?.() ?? "");
    assertPlain(row.tooltip?.() ?? "", row.id);
    assertRows(row.children ?? []);
  }
}

/** Facts that choose a sentence instead of standing in it. */
const choosing = ["why", "account", "by", "limit", "what"];

function poisoned(error: ComputeError, text: string): ComputeError {
  const facts = Object.entries(error.facts).map(([name, value]): [string, unknown] => {
    if (name === "args") return [name, [text, text, text]];
    return [name, typeof value === "string" && !choosing.includes(name) ? text : value];
  });
  return new ComputeError(error.code, Object.fromEntries(facts) as never);
}

describe("What others wrote", () => {
  for (const text of hostile)
    describe(JSON.stringify(text.slice(0, 50)), () => {
      it("does nothing in a text of ours", () => {
        for (const clean of [cleanText(text), cleanText(text, 40), fileName(text), inert(cleanText(text))])
          assertPlain(clean, text);
        assert.doesNotMatch(inert(text), /\]\(|\$\(/);
        assertUnlinked(markdownText(text));
        assert.ok([...cleanText(text, 40)].length <= 40);
      });

      it("does nothing in the sentence of any error", () => {
        for (const error of everyError) {
          const bad = poisoned(error, text);
          for (const { text: told } of [errorView(bad, t), answerErrorView(bad, true, t)]) {
            assertPlain(told, error.code);
            assert.ok(told.length < 700, `${error.code}: ${told.length}`);
          }
          const kept = keptError(bad);
          assertPlain(topUpStoppedText(address("a"), kept, t), error.code);
          assertPlain(stateMessage({ ...nothingLoaded, error: kept }, t, noon) ?? "", error.code);
        }
        const named = new ComputeError("rejectedByChain", { reason: "Error", args: [text] });
        assertPlain(errorView(named, t).text, "Error(string)");
      });

      const service = aService({ model: text, serviceType: text, url: text });
      const providers = loaded([{ ...aProvider(), service }], noon);
      const wallet = aWallet({ name: text });
      const network = { ...networks.testnet, name: text };

      it("does nothing where a recipient of money is chosen", () => {
        const tuner = { provider: address("d"), models: [text, text] };
        const entries = [
          ...payeeEntries(providers.value ?? [], [tuner], t),
          ...accountEntries([aSubAccount()], providers.value, t),
          drawn({ label: text, description: text, detail: text }),
        ];
        for (const { label, description = "", detail = "" } of entries) {
          for (const part of [label, description, detail]) assertPlain(part, text);
          assert.ok(label.length <= 300 && detail.length <= 300);
        }
        assert.equal(payeeEntries(providers.value ?? [], [], t)[0]?.description, "0xaaaa…aaaa");
      });

      it("does nothing in rows and their tooltips", () => {
        assertRows(providerRows(providers, { t, now: noon }));
        const options = { t, now: noon, network, wallet, providers, sandbox: { kind: "stopped" as const } };
        assertRows(accountRows({ ...options, accounts: loaded(anOverview(), noon) }));
      });

      it("does nothing in the status bar, where our own pictures stay", () => {
        const facts = {
          session: { network: () => network, wallet: () => wallet },
          sandbox: { kind: "stopped" as const },
          accounts: loaded(anOverview(), noon),
        };
        const view = statusView(facts, t);
        assertPlain(view.text.replace(/^\$\(globe\) /, ""), text);
        assertPlain(view.tooltip, text);
      });

      it("does nothing in a question", () => {
        const { title, detail } = consentConfirmation(
          { service, model: text, network, wallet, limit: og("1"), spent: og("0"), worstCase: og("0.1") },
          t,
        );
        for (const part of [title, detail]) assertPlain(part, text);
        assertPlain(modelName(service, t), text);
      });
    });

  it("keeps the pictures that are our own", () => {
    assert.equal(drawn({ label: "Start…", icon: "play" }).label, "$(play) Start…");
  });
});
