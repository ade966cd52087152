// The doctor's rows as a newcomer reads them: whatever was found, no two say the same, and what waits for one thing is one row.
import assert from "node:assert/strict";
import type { KeptError } from "../../../src/domain/chat.js";
import { ComputeError, type ErrorCode, type ErrorFacts } from "../../../src/domain/error.js";
import { networks } from "../../../src/domain/networks.js";
import { keptError } from "../../../src/services/loaded.js";
import type { CheckId, Fact, Finding, Word } from "../../../src/services/doctor/doctorFinding.js";
import { doctorLines, doctorRows, doctorSummary } from "../../../src/view/doctor/doctorView.js";
import { english } from "../../../src/view/translate.js";
import { address, og } from "../../support/builders.js";

const telling = { t: english, now: 0, network: networks.testnet };
const told = (check: CheckId, word: Word, fact: Fact): Finding => ({ check, word, fact });
const kept = <C extends ErrorCode>(code: C, facts: ErrorFacts[C]): KeptError =>
  keptError(new ComputeError(code, facts));
const failed = (check: CheckId, word: Word, error: KeptError) => told(check, word, { kind: "error", error });
const dead = (host: string) =>
  kept("network", { what: "rpc", url: `http://${host}`, detail: "no connection" });
const onChain = ["money", "acknowledgements", "signers", "transactions"] as const;
const rows = (findings: readonly Finding[]) =>
  doctorLines(findings, telling)
    .split("\n")
    .map((line) => line.replace(/^- /, ""));

describe("The doctor's rows", () => {
  it("tell once that there is no wallet, and what waits for one", () => {
    const none = kept("noWallet", {});
    assert.deepEqual(
      rows(onChain.map((check) => failed(check, check === "money" ? "look" : "notChecked", none))),
      [
        "to look at · Wallet: There is no wallet for this network yet.",
        "not checked · Accepted keys, Verified keys, Transactions: Can be looked at once there is a wallet for this network.",
      ],
    );
  });

  it("tell each RPC server that is broken, and once what waits for it", () => {
    const waiting = onChain.map((check) => failed(check, "notChecked", dead("a:1")));
    const broken = ["a:1", "b:2"].map((host) => failed("nodes", "broken", dead(host)));
    const clock = told("clock", "notChecked", { kind: "noClock", why: "noBlock" });
    assert.deepEqual(rows([...broken, clock, ...waiting]), [
      "broken · RPC server: The network's RPC at a:1 did not give a usable answer: no connection.",
      "broken · RPC server: The network's RPC at b:2 did not give a usable answer: no connection.",
      "not checked · Clock, Money, Accepted keys, Verified keys, Transactions: Can be looked at once an RPC server answers for this network.",
    ]);
    const good = told("nodes", "fine", { kind: "node", host: "b:2", block: 7 });
    assert.match(
      rows([broken[0]!, good, ...waiting])[1]!,
      /once the broken RPC server is mended or removed\.$/,
    );
    // Where none is told to be broken, the reason stands there itself.
    assert.deepEqual(rows([good, ...waiting]), [
      "not checked · Money, Accepted keys, Verified keys, Transactions: The network's RPC at a:1 did not give a usable answer: no connection.",
      "fine · RPC server: b:2 answers for this network, at block 7.",
    ]);
  });

  it("tell once that the sandbox rests, and that a setting is in the way", () => {
    const rests = (["nodes", ...onChain] as const).map((check) =>
      told(check, "notChecked", { kind: "sandboxRests" }),
    );
    assert.deepEqual(rows([told("sandbox", "look", { kind: "sandbox", state: "stopped" }), ...rests]), [
      "to look at · Sandbox: It is stopped.",
      "not checked · RPC server, Money, Accepted keys, Verified keys, Transactions: Can be looked at once the sandbox runs.",
    ]);
    const bad = kept("badSetting", { setting: "zgCompute.network", why: "choice", choices: ["mainnet"] });
    const waiting = onChain.map((check) => failed(check, "notChecked", bad));
    assert.deepEqual(rows([failed("settings", "broken", bad), ...waiting]), [
      "broken · Settings: The setting zgCompute.network cannot be used: not one of mainnet.",
      "not checked · Money, Accepted keys, Verified keys, Transactions: Can be looked at once zgCompute.network can be used.",
    ]);
  });

  it("name several providers in one, and lead to each", () => {
    const providers = ["a", "b", "c", "d", "e"].map((digit) => address(digit));
    const of = (make: (provider: (typeof providers)[number]) => Finding) =>
      doctorRows(providers.map(make), telling);
    const [unknown, ...none] = of((provider) =>
      told("signers", "notChecked", { kind: "signer", provider, service: "inference", look: "unknown" }),
    );
    assert.deepEqual(none, []);
    assert.match(
      unknown!.sentence,
      /^You have not verified 0xaaaa…\S+, 0xbbbb…\S+, 0xcccc…\S+ and 2 more yet: /,
    );
    assert.deepEqual(
      unknown!.remedies.map(({ id, title }) => `${id} ${title.slice(0, 22)}`),
      ["a", "b", "c", "d"].map((digit) => `zgCompute.verifyProvider Verify provider: 0x${digit.repeat(3)}`),
    );
    assert.deepEqual(unknown!.remedies[1]!.arguments, [
      { subject: { provider: providers[1], service: "inference" } },
    ]);
    const [short, ...more] = of((provider) =>
      told("money", "look", { kind: "short", provider, balance: og("0.5") }),
    );
    assert.deepEqual(more, []);
    assert.match(short!.sentence, /^Your accounts with .* pay for no answer: 1 0G must always stay in each/);
    const [open, ...others] = of((provider) =>
      told("acknowledgements", "look", { kind: "unacknowledged", provider, service: "inference" }),
    );
    assert.deepEqual(others, []);
    assert.match(open!.sentence, /^You have not accepted the keys that .* sign with; acknowledge/);
    // A changed key is a matter of its own, whoever else changed theirs.
    const changed = of((provider) =>
      told("signers", "look", { kind: "signer", provider, service: "inference", look: "changed" }),
    );
    assert.equal(changed.length, providers.length);
  });

  it("say the same once, whichever checks say it, and are counted as they stand there", () => {
    const findings = [
      told("acknowledgements", "fine", { kind: "acknowledged", accounts: 0 }),
      told("signers", "fine", { kind: "signers", providers: 0 }),
      told("keychain", "broken", { kind: "late", seconds: 15 }),
      told("disk", "broken", { kind: "late", seconds: 15 }),
    ];
    assert.deepEqual(rows(findings), [
      "broken · Keychain, Disk: Did not answer in 15 s.",
      "fine · Accepted keys, Verified keys: There is no account with a provider yet.",
    ]);
    assert.equal(doctorSummary(findings, telling), "1 broken, 1 fine");
    assert.equal(new Set(doctorRows(findings, telling).map(({ id }) => id)).size, 2);
  });
});
