// Every refusal that the three contracts know, and what nodes say, through the border of the broker to one sentence and one button.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { revertError, toChainError } from "../../../src/broker/chain/errors.js";
import { RpcRejection } from "../../../src/broker/chain/rpc.js";
import { contractInterface, contractNames } from "../../../src/broker/contracts/interfaces.js";
import { decodeRevert } from "../../../src/broker/contracts/reverts.js";
import { ComputeError } from "../../../src/domain/error.js";
import { errorView } from "../../../src/view/errors/errors.js";
import { english } from "../../../src/view/translate.js";
import { assertGolden } from "../../support/golden.js";

interface RecordedRevert {
  readonly id: string;
  readonly function: string;
  readonly args: unknown[] | null;
  readonly revertData: string;
  readonly error: { readonly name: string };
}

const file = join(import.meta.dirname, "../../fixtures/vectors/contracts.json");
const { reverts } = JSON.parse(readFileSync(file, "utf8")) as { reverts: RecordedRevert[] };

/** One line: sentence and button. Fails where either is missing, or where only the contract's name is left to show. */
function told(error: ComputeError, name: string): string {
  const { text, actions } = errorView(error, english);
  assert.doesNotMatch(text, new RegExp(`\\b${name}\\b`), `${name} has no sentence of its own: ${text}`);
  assertOneSentence(text);
  assert.equal(actions.length, 1, `${name} has ${actions.length} buttons`);
  return `${text}${actions.map(({ id, title }) => ` [${title}: ${id}]`).join("")}`;
}

/** What others say stands in quotation marks, or after the name of who says it. */
function assertOneSentence(text: string): void {
  assert.deepEqual(text.replace(/“[^”]*”/g, "“”").match(/[.!?](?=\s|$)/g), ["."], text);
  assert.ok(text.endsWith("."), text);
}

describe("What the chain refuses", () => {
  it("is one sentence and one button for each recorded refusal", () => {
    assert.ok(reverts.length > 90, `only ${reverts.length}`);
    const lines = reverts.map(({ id, function: signature, args, revertData, error: { name } }) => {
      const isAmount = signature === "refund(uint256)" && typeof args?.[0] === "string";
      const first = isAmount ? [BigInt(args[0] as string)] : [];
      const facts = { method: signature.split("(")[0], args: first };
      return `${id}: ${told(revertError(decodeRevert(revertData), facts), name)}`;
    });
    assertGolden("contractErrors", lines.join("\n"));
  });

  it("leaves out no error that a contract declares, recorded or not", () => {
    for (const contract of contractNames)
      contractInterface(contract).forEachError(({ name, inputs }) => {
        const args = inputs.map(({ type }) => (type === "string" ? "text" : "1"));
        for (const hash of [undefined, `0x${"1".repeat(64)}`])
          told(revertError({ kind: "custom", name, signature: name, args }, { hash }), name);
      });
  });

  it("says what nodes say in plain words, with a button", () => {
    const words = [
      "insufficient funds for gas * price + value",
      "transaction underpriced",
      "replacement transaction underpriced",
      "max fee per gas less than block base fee",
      "nonce too low",
      "execution reverted",
      "method handler crashed",
    ];
    const own = ["feeRose", "replaced", "tooLateToGiveUp", "stillWaits"].map(
      (reason) => new ComputeError("rejectedByChain", { reason, args: [] }),
    );
    const lines = [
      ...words.map((word) => toChainError(new RpcRejection("rpc.example", -32000, word), {})),
      ...own,
    ].map((error, index) => {
      const { text, actions } = errorView(error, english);
      assertOneSentence(text);
      assert.ok(actions.length > 0, text);
      return `${words[index] ?? own[index - words.length]?.facts.reason}: ${text} [${actions[0]?.title}]`;
    });
    assertGolden("nodeErrors", lines.join("\n"));
  });

  it("never shows an amount or an address that is none", () => {
    const error = new ComputeError("rejectedByChain", {
      reason: "CannotRevokeWithNonZeroBalance",
      args: ["0x1", "\u202Eevil\nx", "12 apples"],
    });
    assert.doesNotMatch(errorView(error, english).text, /[\u202e\n]|apples/);
  });
});
