import assert from "node:assert/strict";
import { isComputeError } from "../../../src/domain/error.js";
import {
  parseCustomNetwork,
  parseNetworkId,
  parseRpcUrls,
  parseUpstream,
} from "../../../src/services/settings.js";
import { address, og } from "../../support/builders.js";
import { testSettings } from "../../support/ports.js";

const bad = (setting: string) => (error: unknown) =>
  isComputeError(error, "badSetting") && error.facts.setting === `zgCompute.${setting}`;

const custom = {
  name: "Anvil",
  chainId: 31_337,
  rpcUrls: ["http://127.0.0.1:8545/"],
  contracts: { ledger: address("1"), inference: address("2"), fineTuning: address("3") },
};

describe("Providers that the local endpoint asks first", () => {
  const parse = (raw: unknown) => testSettings({ "endpoint.order": raw }).endpointOrder();

  it("are none unless listed, and in the order of the list", () => {
    for (const raw of [undefined, null, []]) assert.deepEqual(parse(raw), []);
    assert.deepEqual(parse([address("b"), address("a")]), [address("b"), address("a")]);
  });

  it("are refused whole where one can be misread, by its name", () => {
    const setting = "zgCompute.endpoint.order";
    const inCapitals = address("a").toUpperCase().replace("X", "x");
    for (const [raw, facts] of [
      [address("a"), { setting, why: "list" }],
      [[address("a"), "0x12"], { setting, why: "address", value: "0x12" }],
      [[7], { setting, why: "address", value: "7" }],
      [["0G team"], { setting, why: "address", value: "0G team" }],
      [[address("a"), inCapitals], { setting, why: "twice", value: inCapitals }],
    ] as const)
      assert.throws(() => parse(raw), { code: "badSetting", facts });
  });
});

describe("Accounts kept funded", () => {
  const provider = `0x${"a".repeat(40)}`;
  const rule = { floor: "0.5", topUp: "1", dailyCap: "2" };
  const parse = (raw: unknown) => testSettings({ keepFunded: raw }).keepFunded();

  it("are none unless listed, each with three exact amounts", () => {
    for (const raw of [undefined, null, {}]) assert.deepEqual(parse(raw), []);
    assert.deepEqual(parse({ [provider]: rule }), [
      { provider, floor: og("0.5"), topUp: og("1"), dailyCap: og("2") },
    ]);
  });

  it("are refused whole where one rule can be misread: it moves money without a question", () => {
    for (const raw of [
      [],
      "on",
      { [provider]: true },
      { "0x12": rule },
      { [provider]: { ...rule, topUp: 1 } },
      { [provider]: { ...rule, floor: "" } },
      { [provider]: { ...rule, dailyCap: "0" } },
      { [provider]: { ...rule, dailyCap: "0.5" } },
      { [provider]: { floor: "1", topUp: "1" } },
      { [provider]: rule, [`0x${"b".repeat(40)}`]: {} },
      { [provider]: rule, [`0x${"A".repeat(40)}`]: rule },
    ])
      assert.throws(
        () => parse(raw),
        (error) => isComputeError(error, "badSetting"),
        JSON.stringify(raw),
      );
  });

  it("warn at a level that can be switched off", () => {
    assert.equal(testSettings().lowBalance(), og("0.1"));
    assert.equal(testSettings({ lowBalance: "" }).lowBalance(), undefined);
    assert.throws(() => testSettings({ lowBalance: "low" }).lowBalance());
  });
});

describe("Settings", () => {
  it("name the network, and never guess one", () => {
    assert.equal(parseNetworkId(undefined), "sandbox");
    assert.equal(parseNetworkId("mainnet"), "mainnet");
    for (const raw of ["Mainnet", 7, {}, null]) assert.throws(() => parseNetworkId(raw), bad("network"));
  });

  it("take RPC addresses that are https, or on this machine", () => {
    assert.deepEqual(
      parseRpcUrls({ testnet: ["https://a.example/rpc/", "http://localhost:8545"] }, "testnet"),
      ["https://a.example/rpc", "http://localhost:8545"],
    );
    assert.deepEqual(parseRpcUrls({}, "testnet"), []);
    for (const list of [
      "https://a.example",
      ["http://a.example"],
      ["ftp://a"],
      ["a"],
      [7],
      ["http://127.0.0.1.evil.example"],
    ])
      assert.throws(() => parseRpcUrls({ testnet: list }, "testnet"), bad("rpcUrls"), JSON.stringify(list));
    assert.throws(() => parseRpcUrls("https://a.example", "testnet"), bad("rpcUrls"));
  });

  it("read limits exactly, empty as none, and refuse what is no amount", () => {
    const usual = testSettings();
    assert.equal(usual.limit("perTransaction"), og("5"));
    assert.equal(usual.limit("perDay"), og("10"));
    assert.equal(usual.limit("perProvider"), og("5"));
    assert.equal(testSettings({ "limits.perDay": "0.000000000000000001" }).limit("perDay"), 1n);
    assert.equal(testSettings({ "limits.perDay": " " }).limit("perDay"), undefined);
    for (const raw of ["-1", "1e3", "five", "1,5", 5, false, []]) {
      const settings = testSettings({ "limits.perDay": raw });
      assert.throws(() => settings.limit("perDay"), bad("limits.perDay"), String(raw));
      assert.equal(settings.limit("perProvider"), og("5"));
    }
  });

  it("ask for one block, or for as many as the user wants", () => {
    assert.equal(testSettings().confirmations(), 1);
    assert.equal(testSettings({ confirmations: 12 }).confirmations(), 12);
    for (const raw of [0, -1, 1.5, 65, "3", true])
      assert.throws(
        () => testSettings({ confirmations: raw }).confirmations(),
        bad("confirmations"),
        String(raw),
      );
  });

  it("say whether verified models are acknowledged without a question, and never guess a yes", () => {
    assert.equal(testSettings().autoAcknowledge(), "ask");
    const setting = "fineTuning.autoAcknowledge";
    for (const value of ["ask", "always", "never"])
      assert.equal(testSettings({ [setting]: value }).autoAcknowledge(), value);
    for (const raw of ["Always", "Never", true, [], null])
      assert.throws(() => testSettings({ [setting]: raw }).autoAcknowledge(), bad(setting), String(raw));
  });

  it("bound what is unpacked of a provider's file", () => {
    assert.deepEqual(testSettings().unpackLimits(), { maxEntries: 10_000, maxBytes: 64 * 2 ** 30 });
    const own = { "fineTuning.unpack.maxFiles": 3, "fineTuning.unpack.maxGigabytes": 0.5 };
    assert.deepEqual(testSettings(own).unpackLimits(), { maxEntries: 3, maxBytes: 2 ** 29 });
    for (const raw of [0, -1, 0.5, 1e6 + 1, "3", Number.NaN, Infinity]) {
      const setting = "fineTuning.unpack.maxFiles";
      assert.throws(() => testSettings({ [setting]: raw }).unpackLimits(), bad(setting), String(raw));
    }
  });

  it("read the sandbox's upstream", () => {
    assert.equal(parseUpstream(null), undefined);
    assert.equal(parseUpstream({}), undefined);
    assert.deepEqual(parseUpstream({ baseUrl: "http://127.0.0.1:11434/v1/", model: " llama3.2 " }), {
      baseUrl: "http://127.0.0.1:11434/v1",
      model: "llama3.2",
    });
    for (const raw of [
      { baseUrl: "http://127.0.0.1" },
      { model: "x" },
      { baseUrl: "http://far.example", model: "x" },
      "x",
    ])
      assert.throws(() => parseUpstream(raw), bad("sandbox.upstream"), JSON.stringify(raw));
  });

  it("read a network of the user's own, which is never a sandbox", () => {
    const network = parseCustomNetwork({
      ...custom,
      isSandbox: true,
      id: "sandbox",
      explorer: "https://e.example/",
    });
    assert.equal(network.id, "custom");
    assert.equal(network.isSandbox, false);
    assert.equal(network.explorer, "https://e.example");
    assert.deepEqual(network.rpcUrls, ["http://127.0.0.1:8545"]);
    for (const part of [
      { chainId: "31337" },
      { chainId: 0 },
      { chainId: 1.5 },
      { rpcUrls: [] as string[], rpcUrl: undefined, contracts: {} },
      { contracts: { ...custom.contracts, ledger: "0x12" } },
      { explorer: "javascript:alert(1)" },
      { name: 7 },
      { contracts: "0x12" },
      { createdAtBlock: 100 },
      { createdAtBlock: { ledger: "100" } },
      { createdAtBlock: { inference: -1 } },
    ])
      assert.throws(
        () => parseCustomNetwork({ ...custom, ...part }),
        bad("customNetwork"),
        JSON.stringify(part),
      );
    assert.throws(() => parseCustomNetwork(undefined), bad("customNetwork"));
    for (const [rpcUrls, why] of [
      [[], "noUrl"],
      ["https://a.example", "urls"],
      [["a"], "url"],
    ] as const)
      assert.throws(() => parseCustomNetwork({ ...custom, rpcUrls }), {
        facts: { setting: "zgCompute.customNetwork", why, member: "rpcUrls" },
      });
    const withOne = { ...custom, rpcUrls: undefined, rpcUrl: "http://127.0.0.1:8545/" };
    assert.deepEqual(parseCustomNetwork(withOne).rpcUrls, ["http://127.0.0.1:8545"]);
  });

  it("know where a network of the user's own stores files and where it begins, when told", () => {
    const plain = parseCustomNetwork(custom);
    assert.equal(plain.storageIndexer, undefined);
    assert.deepEqual(plain.createdAtBlock, { ledger: 0, inference: 0, fineTuning: 0 });
    const told = parseCustomNetwork({
      ...custom,
      storageIndexer: "https://indexer.example/",
      createdAtBlock: { ledger: 100, fineTuning: 200 },
    });
    assert.equal(told.storageIndexer, "https://indexer.example");
    assert.deepEqual(told.createdAtBlock, { ledger: 100, inference: 0, fineTuning: 200 });
  });
});

describe("A server for collateral", () => {
  const parse = (raw: unknown) => testSettings({ pccsUrl: raw }).pccsUrl();

  it("is nobody unless one is named", () => {
    for (const raw of [undefined, null, "", "  "]) assert.equal(parse(raw), undefined);
    assert.equal(parse("https://pccs.example/"), "https://pccs.example");
    assert.equal(parse("https://pccs.example:8081/base/"), "https://pccs.example:8081/base");
  });

  it("is asked over https, or not at all", () => {
    for (const raw of [
      ...["http://pccs.example", "http://localhost:8081", "pccs.example", "ftp://pccs.example", "https://"],
      ...[
        "https://user:word@pccs.example",
        "https://pccs.example/?key=1",
        "https://pccs.example/#a",
        1,
        {},
        true,
      ],
    ])
      assert.throws(() => parse(raw), bad("pccsUrl"), JSON.stringify(raw));
  });
});
