// Whatever the doctor finds broken, or to be looked at, is offered something that mends it: a command there is.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import type { TransactionHash } from "../../../src/domain/ids.js";
import { networks, type Network } from "../../../src/domain/networks.js";
import type { SentTransaction } from "../../../src/domain/transaction.js";
import { keptError } from "../../../src/services/loaded.js";
import type { CheckId, Fact, Finding } from "../../../src/services/doctor/doctorFinding.js";
import { remedies } from "../../../src/view/doctor/doctorRemedies.js";
import { doctorSentence } from "../../../src/view/doctor/doctorSentences.js";
import { dateSettingsOf, helpPage, type HelpTopic } from "../../../src/view/help.js";
import { english } from "../../../src/view/translate.js";
import { address, og } from "../../support/builders.js";
import { everyError } from "../../support/everyError.js";

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly configuration: { readonly properties: Readonly<Record<string, unknown>> };
  };
};
const known = new Set([
  ...manifest.contributes.commands.map(({ command }) => command),
  ...Object.values(manifest.contributes.views)
    .flat()
    .map(({ id }) => `${id}.focus`),
  // VS Code's own, of every version we run in.
  ...["workbench.action.reloadWindow", "workbench.trust.manage", "workbench.actions.view.problems"],
]);
const custom: Network = { ...networks.sandbox, id: "custom", name: "Custom", isSandbox: false };
const provider = address("a");
const sent: SentTransaction = {
  ...{ id: `0x${"1".repeat(64)}` as TransactionHash, nonce: 7, sentAt: 0, versions: [], isOut: true },
  purpose: { contract: "ledger", method: "depositFund", amount: og("1") },
};
const telling = (network: Network | undefined = networks.testnet, dateSettings?: HelpTopic) => ({
  ...{ t: english, now: 0, network, dateSettings },
});
const offered = (finding: Finding, context = telling()) =>
  remedies(finding, context).map(({ id, arguments: given }) =>
    given === undefined ? id : `${id} ${JSON.stringify(given)}`,
  );

/** By its kind, each fact there is; those that can be bad have their words. The compiler says when one is missing. */
const bad: { readonly [K in Exclude<Fact["kind"], "error" | "late">]: readonly Finding[] } = {
  sandboxRests: [{ check: "nodes", word: "notChecked", fact: { kind: "sandboxRests" } }],
  nodeBehind: [
    { check: "nodes", word: "look", fact: { kind: "nodeBehind", host: "a", blocks: 9, seconds: 90 } },
  ],
  clock: [
    { check: "clock", word: "broken", fact: { kind: "clock", seconds: -600 } },
    { check: "clock", word: "look", fact: { kind: "clock", seconds: 600 } },
  ],
  noClock: [{ check: "clock", word: "notChecked", fact: { kind: "noClock", why: "noBlock" } }],
  wallet: [{ check: "money", word: "look", fact: { kind: "wallet", balance: og("0") } }],
  short: [{ check: "money", word: "look", fact: { kind: "short", provider, balance: og("0.5") } }],
  unacknowledged: [
    {
      check: "acknowledgements",
      word: "look",
      fact: { kind: "unacknowledged", provider, service: "fine-tuning" },
    },
  ],
  signer: (["changed", "lost", "damaged", "unknown"] as const).map((look) => ({
    check: "signers",
    word: "look",
    fact: { kind: "signer", provider, service: "inference", look },
  })),
  waiting: [{ check: "transactions", word: "look", fact: { kind: "waiting", sent } }],
  foreign: [
    { check: "transactions", word: "look", fact: { kind: "foreign", transactions: 1, wallet: provider } },
  ],
  sandbox: [{ check: "sandbox", word: "look", fact: { kind: "sandbox", state: "stopped" } }],
  disk: [
    { check: "disk", word: "broken", fact: { kind: "disk", free: 0, isWritable: true } },
    { check: "disk", word: "look", fact: { kind: "disk", free: 2 ** 29, isWritable: true } },
    { check: "disk", word: "broken", fact: { kind: "disk", free: 2 ** 40, isWritable: false } },
  ],
  ...{ settings: [], node: [], ledger: [], acknowledged: [], signers: [], queue: [], records: [] },
  keychain: [],
};
const checks: readonly CheckId[] = [
  ...(["settings", "nodes", "clock", "money", "acknowledgements", "signers", "transactions"] as const),
  ...(["records", "keychain", "sandbox", "disk"] as const),
];

describe("What mends a finding of the doctor", () => {
  const failures = everyError
    .filter(({ code }) => code !== "cancelled")
    .flatMap((error) =>
      checks.map((check): Finding => ({
        check,
        word: "broken",
        fact: { kind: "error", error: keptError(error) },
      })),
    );
  const silent = checks.map((check): Finding => ({
    check,
    word: "notChecked",
    fact: { kind: "late", seconds: 15 },
  }));

  it("is a command there is, on every network, for whatever can be wrong", () => {
    for (const finding of [...Object.values(bad).flat(), ...silent, ...failures])
      for (const network of [networks.mainnet, networks.testnet, networks.sandbox, custom, undefined]) {
        const all = remedies(finding, telling(network));
        const about = `${finding.check} ${inspect(finding.fact)} on ${network?.id}`;
        assert.ok(all.length > 0, about);
        for (const { id, title } of all) {
          assert.ok(known.has(id), `${id}: ${about}`);
          assert.notEqual(title, "");
        }
        assert.equal(new Set(all.map(({ id, title }) => `${id} ${title}`)).size, all.length, about);
      }
  });

  it("is what the finding is about", () => {
    const first = (finding: Finding | undefined, network = networks.testnet) => {
      assert.ok(finding);
      return offered(finding, telling(network))[0];
    };
    const account = `{"subject":{"provider":"${provider}","service":`;
    const table: readonly [Finding | undefined, string][] = [
      [bad.wallet[0], "zgCompute.fundWallet"],
      [bad.short[0], `zgCompute.transfer [${account}"inference"}}]`],
      [bad.unacknowledged[0], `zgCompute.acknowledge [${account}"fine-tuning"}}]`],
      ...bad.signer.map((one): [Finding, string] => [
        one,
        `zgCompute.verifyProvider [${account}"inference"}}]`,
      ]),
      [bad.foreign[0], `zgCompute.openInExplorer [{"subject":{"address":"${provider}"}}]`],
      [bad.nodeBehind[0], `zgCompute.openSettings ["zgCompute.rpcUrls"]`],
      [bad.clock[0], `zgCompute.openHelp ["clock"]`],
      [bad.disk[0], "zgCompute.showDiskUse"],
      [bad.disk[2], `zgCompute.openHelp ["disk"]`],
    ];
    for (const [finding, expected] of table) assert.equal(first(finding), expected);
  });

  it("names the setting in its place, and starts the sandbox again where it is the network", () => {
    const dead = keptError(
      everyError.find(({ code, facts }) => code === "network" && "what" in facts && facts.what === "rpc")!,
    );
    const wrong = keptError(everyError.find(({ code }) => code === "wrongChain")!);
    for (const error of [dead, wrong])
      for (const check of ["nodes", "money", "signers"] as const) {
        const on = (network: Network) =>
          offered({ check, word: "broken", fact: { kind: "error", error } }, telling(network))[0];
        assert.equal(on(networks.mainnet), `zgCompute.openSettings ["zgCompute.rpcUrls"]`);
        assert.equal(on(custom), `zgCompute.openSettings ["zgCompute.customNetwork"]`);
        assert.equal(on(networks.sandbox), "zgCompute.takeOverSandbox");
      }
  });

  it("starts a failed sandbox, or starts it over, and ends another that holds its state first", () => {
    const of = (why: "start" | "taken" | undefined) =>
      offered({
        ...{ check: "sandbox", word: "broken" },
        fact: { kind: "error", error: { code: "sandboxFailed", facts: { detail: "d", why } } },
      });
    assert.deepEqual(of(undefined), [
      "zgCompute.startSandbox",
      "zgCompute.resetSandbox",
      "zgCompute.showLog",
    ]);
    assert.deepEqual(of("start"), of(undefined));
    assert.deepEqual(of("taken"), [
      "zgCompute.takeOverSandbox",
      "zgCompute.resetSandbox",
      "zgCompute.showLog",
    ]);
  });

  it("opens the system's date settings where it has such a page, and tells how elsewhere", () => {
    const [clock] = bad.clock;
    assert.ok(clock);
    const on = (platform: string) => offered(clock, telling(networks.testnet, dateSettingsOf(platform)));
    assert.deepEqual(on("linux"), [`zgCompute.openHelp ["clock"]`]);
    assert.deepEqual(on("win32"), [`zgCompute.openHelp ["dateOfWindows"]`, `zgCompute.openHelp ["clock"]`]);
    assert.deepEqual(on("darwin"), [`zgCompute.openHelp ["dateOfMac"]`, `zgCompute.openHelp ["clock"]`]);
    assert.deepEqual(helpPage("dateOfWindows"), { address: "ms-settings:dateandtime" });
  });

  it("takes money back from a provider that is gone", () => {
    const gone: Finding = {
      check: "signers",
      word: "look",
      fact: {
        kind: "error",
        error: { code: "unknownProvider", facts: { provider } },
        account: { provider, service: "fine-tuning" },
      },
    };
    assert.deepEqual(offered(gone), [
      `zgCompute.requestReturn [{"subject":{"provider":"${provider}","service":"fine-tuning"}}]`,
    ]);
  });

  it("is nothing where nothing is wrong", () => {
    for (const fact of [
      { kind: "clock", seconds: 3 },
      { kind: "disk", free: 2 ** 40, isWritable: true },
      { kind: "wallet", balance: og("1") },
      { kind: "noClock", why: "quiet" },
    ] as const satisfies readonly Fact[])
      assert.deepEqual(offered({ check: "clock", word: "fine", fact }), []);
  });

  it("opens pages that are there: sections of the README by their headings, and https of VS Code", () => {
    const headings = [...readFileSync("README.md", "utf8").matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replace(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    for (const topic of ["clock", "keychain", "disk", "nonsense", undefined, "toString", 7]) {
      const page = helpPage(topic);
      assert.ok("section" in page && headings.includes(page.section), String(topic));
    }
    const guide = helpPage("keychainOfEditor");
    assert.ok("address" in guide && guide.address.startsWith("https://code.visualstudio.com/"));
  });

  it("names settings there are", () => {
    for (const finding of [...Object.values(bad).flat(), ...silent])
      for (const network of [networks.mainnet, custom, undefined])
        for (const { id, arguments: [name] = [] } of remedies(finding, telling(network)))
          if (id === "zgCompute.openSettings" && typeof name === "string")
            assert.ok(name in manifest.contributes.configuration.properties, name);
  });

  it("stands beside one sentence each", () => {
    for (const finding of Object.values(bad).flat())
      assert.match(doctorSentence(finding, telling()), /^\S.*\.$/);
    const [short] = bad.short;
    assert.ok(short);
    assert.match(
      doctorSentence(short, telling()),
      /^Your account with 0xaaaa….* has 0\.5 0G and pays for no answer: 1 0G must always stay there\.$/,
    );
  });
});
