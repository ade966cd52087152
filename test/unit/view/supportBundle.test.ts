// What may be given away: every kind of secret we hold is put wherever words of others can stand, and must not come out.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { constants, homedir } from "node:os";
import { basename, join } from "node:path";
import { getSystemErrorMap } from "node:util";
import { Wallet } from "ethers";
import type { SettingFacts } from "../../../src/domain/settingFault.js";
import { networks } from "../../../src/domain/networks.js";
import type { Finding } from "../../../src/services/doctor/doctorFinding.js";
import { supportBundle, type SupportFacts } from "../../../src/view/doctor/supportBundle.js";
import {
  type LogEntry,
  type ProgramFile,
  sentencesIn,
  supportLog,
} from "../../../src/view/doctor/supportLog.js";
import { supportSetting } from "../../../src/view/doctor/supportSettings.js";
import { english } from "../../../src/view/translate.js";
import { address, noon } from "../../support/builders.js";
import { everyError } from "../../support/everyError.js";

const key = `0x${"5e".repeat(32)}`;
const mnemonic = Wallet.createRandom().mnemonic!.phrase;
const secrets: Readonly<Record<string, string>> = {
  privateKey: key,
  bareKey: key.slice(2),
  mnemonic,
  token: `app-sk-${Buffer.from("a token of ours").toString("base64")}`,
  endpointKey: "zg-local-Zm9vYmFyYmF6cXV4",
  upstreamKey: "sk-proj-abcdefghijklmnop",
  urlWithPath: "https://rpc.example.org/v2/p4thK3yp4thK3y",
  urlWithQuery: "https://rpc.example.org/?apikey=qu3ryK3yqu3ry",
  urlWithUser: "https://u5er:p4ssw0rd@rpc.example.org/",
  prompt: "my lawyer says the merger closes on Friday",
  answer: "Then the merger should be announced by Monday",
  home: `${homedir()}/secret-project/data.jsonl`,
  windowsHome: "C:\\Users\\marlene\\secret-project",
  address: address("a"),
};
/** What of each must not be seen: the whole, and what would be enough. */
const traces = [
  ...Object.values(secrets).filter((one) => !one.startsWith("https:")),
  ...["p4thK3y", "qu3ryK3y", "u5er", "p4ssw0rd", "5e5e5e5e", "merger", "lawyer", "secret-project", "marlene"],
  ...[mnemonic.split(" ").slice(0, 2).join(" "), "Zm9vYmFy", "abcdefghijkl", "YSB0b2tlbi", homedir()],
];

function assertClean(text: string, what: string): void {
  for (const trace of traces) assert.ok(!text.includes(trace), `${what}: “${trace}” in\n${text}`);
}

const program: readonly ProgramFile[] = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => ({ name: basename(name), code: readFileSync(join("src", name), "utf8") }));

const line = (text: string, level: LogEntry["level"] = "error"): LogEntry => ({ at: noon, level, text });
const told = (text: string) => supportLog([line(text)], program).map((one) => one.replace(/^\S+ error /, ""));

describe("The support bundle", () => {
  it("shows our own sentences of the log, with codes, numbers, commands and shortened addresses", () => {
    assert.deepEqual(told("The accounts could not be read: network"), [
      "The accounts could not be read: network",
    ]);
    assert.deepEqual(told("Command zgCompute.doctor"), ["Command zgCompute.doctor"]);
    assert.deepEqual(told("Sandbox ready after 812 ms"), ["Sandbox ready after 812 ms"]);
    assert.deepEqual(told(`Skipped a service that cannot be read (${address("a")}): badFile`), [
      "Skipped a service that cannot be read (0xaaaa…aaaa): badFile",
    ]);
    assert.deepEqual(told(`The sandbox ended by itself: ${secrets.prompt}`), [
      "The sandbox ended by itself: …",
    ]);
    const stack = `Shown to the user: network: network\n    at look (${homedir()}/x/dist/session.ts:12:34)\n    at other (/lib/y.js:1:2)`;
    assert.deepEqual(told(stack), ["Shown to the user: network: network", "    at session.ts:12:34"]);
    assert.deepEqual(told(secrets.prompt!), ["…"]);
  });

  it("shows codes of the system, of HTTP, of TLS and of the chain amid others' words, and none of the words", () => {
    const names = [...getSystemErrorMap().values()].map(([name]) => name);
    const codes = [...names, ...Object.keys(constants.errno), "ENOTFOUND", "UND_ERR_SOCKET"];
    const lines = codes.flatMap((code) => [
      `A receipt could not be written: ${code}`,
      `A receipt could not be written: ${secrets.prompt} ${code} ${secrets.home}`,
    ]);
    const shown = supportLog(
      lines.map((text) => line(text)),
      program,
    );
    assert.deepEqual(
      shown.map((one) => one.replace(/^.* written: /, "")),
      codes.flatMap((code) => [code, `… (${code})`]),
    );
    for (const [words, left] of [
      ["fetch failed (connect ECONNREFUSED 10.1.2.3:8545)", "… (ECONNREFUSED)"],
      [
        "unable to verify the first certificate (UNABLE_TO_VERIFY_LEAF_SIGNATURE)",
        "… (UNABLE_TO_VERIFY_LEAF_SIGNATURE)",
      ],
      ["Bad Gateway, HTTP 502, then HTTP 999", "… (HTTP 502)"],
      ["could not coalesce error -32000 CALL_EXCEPTION", "… (-32000, CALL_EXCEPTION)"],
      ["MY_OWN_SECRET EACCESS xEPERM EPERMx A-EPERM", "…"],
    ] as const)
      assert.deepEqual(told(`The sandbox did not start: ${words}`), [`The sandbox did not start: ${left}`]);
    assert.deepEqual(told(`${secrets.prompt} ENOSPC`), ["… (ENOSPC)"]);
    const refused = {
      what: "rpc",
      url: "http://rpc.example.org",
      detail: "no connection (ENOTFOUND)",
    } as const;
    const error = { code: "network", facts: refused } as const;
    const finding: Finding = { check: "nodes", word: "broken", fact: { kind: "error", error } };
    assert.match(bundle({ findings: [finding] }), /RPC at rpc\.example\.org .*: … \(ENOTFOUND\)/);
  });

  it("says what is wrong with a setting without what stands in it", () => {
    const shown = (facts: Omit<SettingFacts, "setting">) => {
      const error = { code: "badSetting", facts: { setting: "zgCompute.customNetwork", ...facts } } as const;
      const finding: Finding = { check: "settings", word: "broken", fact: { kind: "error", error } };
      return /cannot be used: (.*)/.exec(bundle({ findings: [finding] }))?.[1];
    };
    for (const secret of Object.values(secrets))
      assert.equal(shown({ why: "address", value: secret }), "“…” is not an address.");
    assert.equal(
      shown({ why: "portTaken", port: 80, value: "EACCES" }),
      "port 80 cannot be had (… (EACCES)).",
    );
    assert.equal(shown({ why: "choice", choices: ["a", "b"] }), "not one of a, b.");
    assert.equal(
      shown({ why: "address", member: "contracts.ledger" }),
      "“contracts.ledger” is not an address.",
    );
  });

  it("knows most of what the log can say", () => {
    const sentences = program.flatMap(({ code }) => sentencesIn(code));
    assert.ok(sentences.length > 60, `${sentences.length}`);
  });

  it("lets no secret through any sentence of the log, wherever words are put into it", () => {
    for (const [kind, secret] of Object.entries(secrets)) {
      const whole = [secret, `${secret}: ${secret}`, `Command ${secret}`].map((text) => line(text));
      const filled = program
        .flatMap(({ code }) => sentencesIn(code))
        .map(({ pieces }) =>
          line(
            `${pieces.join(secret)}: ${secret} (${secret})\n${secret}\n    at f (${homedir()}/${secret}.js:1:2)`,
          ),
        );
      assertClean(supportLog([...whole, ...filled], program).join("\n"), kind);
    }
  });

  it("shows of settings amounts, switches, our words, hosts and shortened addresses", () => {
    const of = (name: string, value: unknown, words?: readonly string[]) =>
      supportSetting({ name, value, ...(words ? { words } : {}) });
    assert.equal(of("zgCompute.network", "testnet", ["testnet"]), 'zgCompute.network: "testnet"');
    assert.equal(of("zgCompute.limits.perDay", "2.5"), 'zgCompute.limits.perDay: "2.5"');
    assert.equal(
      of("zgCompute.rpcUrls", { testnet: [secrets.urlWithPath, secrets.urlWithUser] }),
      'zgCompute.rpcUrls: {"testnet":["rpc.example.org","rpc.example.org"]}',
    );
    assert.equal(
      of("zgCompute.keepFunded", { [address("a")]: { floor: "1", topUp: "2", dailyCap: "3" } }),
      'zgCompute.keepFunded: {"0xaaaa…aaaa":{"floor":"1","topUp":"2","dailyCap":"3"}}',
    );
  });

  it("lets no secret through a setting, as a value, in a list, or as the name of a field", () => {
    for (const [kind, secret] of Object.entries(secrets))
      for (const value of [
        secret,
        [secret],
        { [secret]: secret },
        { name: secret, model: { x: [[[secret]]] } },
      ])
        assertClean(supportSetting({ name: "zgCompute.any", value, words: ["ask"] }), kind);
  });

  it("lets no secret through an error, whichever of its facts holds it", () => {
    for (const [kind, secret] of Object.entries(secrets))
      for (const error of everyError) {
        const facts = Object.fromEntries(
          Object.entries(error.facts).map(([name, value]: [string, unknown]) => [
            name,
            typeof value === "string" && !isOneOfAFew(name)
              ? secret
              : Array.isArray(value)
                ? [secret]
                : value,
          ]),
        );
        const kept = { kind: "error", error: { code: error.code, facts } } as Finding["fact"];
        assertClean(
          bundle({ findings: [{ check: "money", word: "broken", fact: kept }] }),
          `${kind} ${error.code}`,
        );
      }
  });

  it("is one text that says what is in it, the hosts of a network and a shortened wallet", () => {
    const network = { ...networks.testnet, rpcUrls: [secrets.urlWithPath!, secrets.urlWithUser!] };
    const text = bundle({ network, wallet: address("a"), versions: ["0G Compute 0.1.0"] });
    assertClean(text, "network");
    for (const part of [
      "## Versions",
      "## Doctor",
      "## Log",
      "0G Compute 0.1.0",
      "rpc.example.org",
      "0xaaaa…aaaa",
    ])
      assert.ok(text.includes(part), part);
  });
});

/** Closed by their types: what is there is ours. */
function isOneOfAFew(name: string): boolean {
  return ["why", "what", "limit", "account", "by", "service"].includes(name);
}

function bundle(more: Partial<SupportFacts>): string {
  const nothing = {
    versions: [],
    network: undefined,
    wallet: undefined,
    findings: [],
    settings: [],
    log: [],
  };
  return supportBundle({ now: noon, ...nothing, program: [], ...more }, english);
}
