import assert from "node:assert/strict";
import { ComputeError } from "../../../src/domain/error.js";
import type { TaskId } from "../../../src/domain/ids.js";
import { networks } from "../../../src/domain/networks.js";
import { keptError, loaded, loading, nothingLoaded, notLoaded } from "../../../src/services/loaded.js";
import { accountRows, type AccountRowsOptions } from "../../../src/view/money/accountRows.js";
import { providerRows } from "../../../src/view/providers/providerRows.js";
import { stateMessage } from "../../../src/view/stateRows.js";
import { statusHover, statusView, statusWays } from "../../../src/view/statusView.js";
import { english as t } from "../../../src/view/translate.js";
import { neuron } from "../../../src/domain/money.js";
import {
  address,
  aModel,
  anInfo,
  anOverview,
  aProvider,
  aSubAccount,
  aWallet,
  noon,
  og,
} from "../../support/builders.js";
import { assertGolden, rowsAsText } from "../../support/golden.js";

const minute = 60_000;
const failure = new ComputeError("network", { what: "rpc", url: "https://rpc.example", detail: "timeout" });
const items = [
  aProvider(
    {},
    {
      probe: { latencyMs: 123.4, at: noon - minute },
      models: [
        {
          id: "phi-4",
          description: "Small and *quick*",
          contextLength: 16_384,
          inputModalities: [],
          supportedParameters: [],
        },
      ],
    },
  ),
  aProvider(
    {
      provider: address("d"),
      model: "qwen-max",
      privacy: "authentic",
      providerClass: "centralized",
      info: anInfo({ providerIdentity: "aliyun", cacheDivisor: 4, priceDenomination: "USD" }),
    },
    {
      probe: { error: keptError(failure), at: noon - 2 * minute },
      models: [aModel("qwen-max", [og("0.000003"), og("0.000009")])],
    },
  ),
  aProvider(
    {
      provider: address("e"),
      model: "free-one",
      inputPrice: neuron(0n),
      outputPrice: neuron(0n),
      privacy: "none",
      providerClass: "standard",
    },
    { health: { status: "warning", uptimePercent: 71.6, checkedAt: noon } },
  ),
  aProvider({
    provider: address("f"),
    serviceType: "text-to-image",
    model: "flux",
    outputPrice: og("0.003"),
  }),
  aProvider({
    provider: address("1"),
    serviceType: "speech-to-text",
    model: "whisper",
    inputPrice: og("0.0001"),
  }),
  aProvider({
    provider: address("2"),
    serviceType: "video\u202Egeneration",
    model: "[x](https://evil.example) <img src=x>",
  }),
];

describe("Provider rows", () => {
  it("are grouped by what the services do, chats first", () => {
    assertGolden("providers", rowsAsText(providerRows(loaded(items, noon - 3 * minute), { t, now: noon })));
  });

  it("have ids that are stable and unique", () => {
    const ids = (rows: ReturnType<typeof providerRows>): string[] =>
      rows.flatMap((row) => [row.id, ...ids(row.children ?? [])]);
    const first = ids(providerRows(loaded(items, noon), { t, now: noon }));
    const later = ids(providerRows(loaded([...items].reverse(), noon), { t, now: noon + minute }));
    assert.equal(new Set(first).size, first.length);
    assert.deepEqual([...first].sort(), [...later].sort());
  });

  it("tell loading, empty, failed, stale and filtered out apart", () => {
    const show = (state: Parameters<typeof providerRows>[0], words?: string) =>
      rowsAsText(providerRows(state, { t, now: noon, words }));
    const one = loaded(items.slice(0, 1), noon - 3 * minute);
    assertGolden(
      "providerStates",
      [
        ["loading", show(loading(nothingLoaded))],
        ["empty", show(loaded([], noon))],
        ["failed", show(notLoaded(nothingLoaded, failure))],
        ["stale", show(notLoaded(one, failure))],
        ["reading again", show(loading(one))],
        ["filter finds", show(one, "PHI private")],
        ["filter finds nothing", show(one, "phi authentic")],
      ]
        .map(([name, text]) => `# ${name}\n${text}`)
        .join("\n"),
    );
  });

  it("leave the sentence of a failure to the line above the view, with the age of what is shown", () => {
    const one = loaded(items.slice(0, 1), noon - 3 * minute);
    assert.equal(stateMessage(one, t, noon), undefined);
    assert.match(
      stateMessage(notLoaded(nothingLoaded, failure), t, noon) ?? "",
      /^The network's RPC at rpc.example/,
    );
    assert.match(
      stateMessage(notLoaded(one, failure), t, noon) ?? "",
      /^Updated 3 min ago\. The network's RPC/,
    );
  });

  it("let nothing of a provider's text act as Markdown", () => {
    const group = providerRows(loaded(items.slice(5), noon), { t, now: noon })[0];
    const tooltip = group?.children?.[0]?.tooltip?.() ?? "";
    assert.doesNotMatch(tooltip, /(?<!\\)\[|(?<!\\)</);
    assert.doesNotMatch(group?.label ?? "", /\u202e/);
  });
});

describe("Account rows", () => {
  const base: AccountRowsOptions = {
    t,
    now: noon,
    network: networks.testnet,
    wallet: aWallet(),
    accounts: loaded(anOverview(), noon),
    providers: loaded(items, noon),
    sandbox: { kind: "stopped" },
  };

  it("show network, wallet, ledger and every sub-account", () => {
    const { blockTimestamp } = anOverview();
    const overview = anOverview({
      subAccounts: [
        aSubAccount({ balance: og("2"), pendingRefund: og("0.5") }),
        aSubAccount({ provider: address("9"), isAcknowledged: false, balance: og("0") }),
        aSubAccount({
          service: "fine-tuning",
          provider: address("8"),
          balance: og("4"),
          pendingRefund: og("3.5"),
          refunds: [
            { amount: og("2.5"), createdAt: blockTimestamp - 86_400 },
            { amount: og("1"), createdAt: blockTimestamp - 600 },
          ],
          deliverables: { total: 3, settled: 2 },
        }),
        aSubAccount({ provider: address("7"), balance: og("3.25"), unsettled: og("0.125") }),
      ],
    });
    assertGolden("accounts", rowsAsText(accountRows({ ...base, accounts: loaded(overview, noon) })));
  });

  it("mark an account in use that is nearly used up, and one that is kept funded", () => {
    const used = { unsettled: og("0.01") };
    const overview = anOverview({
      subAccounts: [
        aSubAccount({ ...used, balance: og("1.05") }),
        aSubAccount({ ...used, balance: og("1.11"), provider: address("d") }),
        aSubAccount({ ...used, balance: og("1"), pendingRefund: og("1"), provider: address("e") }),
        aSubAccount({ balance: og("1.05"), provider: address("f") }),
      ],
    });
    const accounts = loaded(overview, noon);
    const keptFunded = [address("d"), address("e")];
    const [, , , group] = accountRows({ ...base, accounts, lowLevel: og("0.1"), keptFunded });
    assert.deepEqual(
      group?.children?.map(({ icon, label, description }) => `${icon} ${label} ${description}`),
      [
        "warning 0.04 0G phi-4 · nearly used up · usable of 1.05 0G",
        "credit-card 0.1 0G qwen-max · usable of 1.11 0G · kept funded",
        "credit-card 0 0G free-one · usable of 1 0G · 1 0G on its way back · kept funded, paused",
        "credit-card 0.05 0G flux · usable of 1.05 0G",
      ],
    );
    assert.equal(
      group?.children?.[0]?.accessibleLabel,
      "phi-4: 0.04 0G usable now, nearly used up · usable of 1.05 0G",
    );
    assert.ok(
      accountRows({ ...base, accounts }).every(
        ({ children }) => !children?.some((row) => row.icon === "warning"),
      ),
    );
  });

  it("have the ways out of a sandbox that does not start", () => {
    const commands = (why?: "start" | "taken") => {
      const error = new ComputeError("sandboxFailed", { detail: "damaged", why });
      const rows = accountRows({ ...base, accounts: notLoaded(nothingLoaded, error) });
      return rows.filter(({ context }) => context === "error").map(({ command }) => command?.id);
    };
    assert.deepEqual(commands(), ["zgCompute.refreshAccounts"]);
    assert.deepEqual(commands("start"), ["zgCompute.refreshAccounts", "zgCompute.resetSandbox"]);
    assert.deepEqual(commands("taken"), ["zgCompute.refreshAccounts", "zgCompute.takeOverSandbox"]);
  });

  it("tell the states apart", () => {
    const sandbox = {
      ...base,
      network: networks.sandbox,
      wallet: aWallet({ kind: "sandbox", name: "Sandbox" }),
    };
    const cases: [string, AccountRowsOptions][] = [
      ["no wallet", { ...base, wallet: undefined }],
      ["a setting that cannot be used", { ...base, network: undefined, wallet: undefined }],
      ["loading", { ...base, accounts: loading(nothingLoaded) }],
      ["failed", { ...base, accounts: notLoaded(nothingLoaded, failure) }],
      ["stale", { ...base, accounts: notLoaded(loaded(anOverview(), noon - 5 * minute), failure) }],
      ["no ledger", { ...base, accounts: loaded(anOverview({ ledger: undefined, subAccounts: [] }), noon) }],
      ["sandbox", { ...sandbox, sandbox: { kind: "starting" }, accounts: nothingLoaded }],
      ["session wallet", { ...base, wallet: aWallet({ kind: "session" }) }],
    ];
    assertGolden(
      "accountStates",
      cases.map(([name, options]) => `# ${name}\n${rowsAsText(accountRows(options))}`).join("\n"),
    );
  });
});

describe("The status bar item", () => {
  const session = { network: () => networks.testnet, wallet: () => aWallet() };
  const show = (facts: Parameters<typeof statusView>[0]) => statusView(facts, t);

  it("shows network and everything the user has", () => {
    const view = show({ session, sandbox: { kind: "stopped" }, accounts: loaded(anOverview(), noon) });
    assert.equal(view.text, "$(globe) Testnet 15.5 0G");
    assert.match(view.tooltip, /In the wallet: 10\.5 0G\nIn the ledger and with providers: 5 0G/);
    assert.equal(view.isWarning, false);
  });

  it("leads, when it is pointed at, to what has no view of its own, and nowhere else", () => {
    const wallet = () => aWallet({ name: "[pay](command:zgCompute.retrieve) me" });
    const named = { network: () => networks.testnet, wallet };
    const hover = statusHover(
      show({ session: named, sandbox: { kind: "stopped" }, accounts: loaded(anOverview(), noon) }),
      t,
    );
    const linked = [...hover.matchAll(/(?<!\\)\]\(command:([\w.]+)\)/g)].map(([, command]) => command);
    assert.deepEqual(linked, ["zgCompute.showEndpoint", "zgCompute.showActivity", "zgCompute.doctor"]);
    assert.deepEqual(
      linked,
      statusWays(t).map(([command]) => command),
    );
    assert.match(hover, /In the wallet\\: 10\.5 0G/);
  });

  it("gives way to what is urgent", () => {
    const sandbox = { network: () => networks.sandbox, wallet: () => undefined };
    const error = new ComputeError("sandboxFailed", { detail: "exit code 1" });
    assert.deepEqual(
      show({ session: sandbox, sandbox: { kind: "failed", error }, accounts: nothingLoaded }),
      {
        text: "$(warning) Sandbox",
        tooltip: "The sandbox does not run: exit code 1.",
        command: "zgCompute.startSandbox",
        isWarning: true,
      },
    );
    assert.equal(
      show({ session: sandbox, sandbox: { kind: "starting" }, accounts: nothingLoaded }).text,
      "$(loading~spin) Sandbox",
    );
    const broken = {
      network: () => {
        throw new ComputeError("badSetting", { setting: "zgCompute.network", why: "choice" });
      },
      wallet: () => undefined,
    };
    const view = show({ session: broken, sandbox: { kind: "stopped" }, accounts: nothingLoaded });
    assert.equal(view.command, "zgCompute.openSettings");
    assert.equal(view.isWarning, true);
  });

  it("gives way to an account in use that is nearly used up", () => {
    const low = aSubAccount({ balance: og("1.05"), unsettled: og("0.01") });
    const accounts = loaded(anOverview({ subAccounts: [low] }), noon);
    const facts = { session, sandbox: { kind: "stopped" } as const, accounts };
    assert.equal(show(facts).isWarning, false);
    assert.deepEqual(show({ ...facts, lowLevel: og("0.1") }), {
      text: "$(warning) 0.04 0G left for chat",
      tooltip:
        "Of your account with 0xaaaa…aaaa only 0.04 0G can be used; you are warned below 0.1 0G. Top it up, or it will refuse your questions.",
      command: "zgCompute.accounts.focus",
      isWarning: true,
    });
  });

  it("counts down to a model's deadline from the delivery on, and gives way to it when it is near", () => {
    const guarded = (hours: number) => ({
      open: [
        {
          provider: address("a"),
          taskId: "3e2911d9-cdbe-40c7-a074-784684015adb" as TaskId,
          deliveredAt: noon / 1000 - 3600,
          deadline: noon / 1000 + hours * 3600,
          next: "consent" as const,
        },
      ],
      chainTime: { timestamp: noon / 1000, readAt: noon },
      underWay: [],
    });
    const facts = { session, sandbox: { kind: "stopped" } as const, accounts: loaded(anOverview(), noon) };
    const at = (hours: number) => show({ ...facts, guardian: guarded(hours), now: noon });
    const { text, tooltip, isWarning } = at(11);
    assert.equal(text, "$(globe) Testnet 15.5 0G $(watch) Model: 11 h 0 min left");
    assert.match(tooltip, /In the wallet: 10\.5 0G\n[^]*\nThe model of task 3e2911d9 at/);
    assert.equal(isWarning, false);
    assert.deepEqual(at(0.5), {
      text: "$(watch) Model: 30 min left",
      tooltip: "The model of task 3e2911d9 at 0xaaaa…aaaa is not acknowledged yet. It waits for your word.",
      command: "zgCompute.tasks.focus",
      isWarning: true,
    });
    assert.equal(at(-1).text, "$(watch) Model: time is up");
    const place = { network: networks.mainnet, wallet: aWallet() };
    const { chainTime, open } = guarded(0.5);
    const elsewhere = open.map((one) => ({ ...one, place, chainTime }));
    const both = show({ ...facts, guardian: { ...guarded(11), elsewhere }, now: noon });
    assert.equal(both.text, "$(watch) Model: 30 min left");
    assert.match(both.tooltip, /It waits for your word\.\nIt is on Mainnet, with your wallet “Main”\./);
    assert.equal(both.command, "zgCompute.switchNetwork");
  });

  it("offers a wallet where there is none, and marks old amounts", () => {
    const none = { network: () => networks.testnet, wallet: () => undefined };
    assert.equal(
      show({ session: none, sandbox: { kind: "stopped" }, accounts: nothingLoaded }).command,
      "zgCompute.setUpWallet",
    );
    const stale = notLoaded(loaded(anOverview(), noon), failure);
    assert.match(show({ session, sandbox: { kind: "stopped" }, accounts: stale }).text, /\$\(history\)$/);
  });
});
