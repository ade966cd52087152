import assert from "node:assert/strict";
import { Mnemonic } from "ethers";
import { withoutSecrets } from "../../../src/domain/log.js";

const words = (bytes: number) => Mnemonic.entropyToPhrase(new Uint8Array(bytes).fill(37));

describe("What reaches the log", () => {
  for (const [what, secret] of [
    ["a pass", "app-sk-eyJhIjoxfQ==|0xab_c-d"],
    ["a key of the local endpoint", "zg-local-Ab_c-9xyz0123456789abcdefghijkl"],
    ["twelve recovery words", words(16)],
    ["twenty-four", words(32)],
    ["recovery words in a column", words(16).replaceAll(" ", "\n")],
    ["recovery words in capitals, with commas", words(16).toUpperCase().replaceAll(" ", ", ")],
    ["a private key", `0x${"ab".repeat(32)}`],
    ["a private key without its 0x", "CD".repeat(32)],
  ] as const)
    it(`has no part left of ${what}`, () => {
      const left = withoutSecrets(`Refused: ${secret}. Again.`);
      const parts = secret.split(/[\s,|]+/).filter((part) => part.length > 5);
      assert.ok(parts.length > 0);
      for (const part of [secret, parts[0]!]) assert.ok(!left.includes(part), left);
      assert.match(left, /^Refused: .*Again\.$/s);
    });

  it("keeps what tells what happened: hashes after their word, addresses, sentences", () => {
    for (const line of [
      `Sent transaction 0x${"ab".repeat(32)}`,
      `Nobody knows whether the node took what it was sending 0x${"12".repeat(32)}`,
      "The receipts of 0xaaaa…aaaa could not be read, and are asked for again with the next start of the window",
      "An order of pictures was given to another window, which has asked for it since this one was opened",
    ])
      assert.equal(withoutSecrets(line), line);
  });
});
