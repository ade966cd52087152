import assert from "node:assert/strict";
import { neuron } from "../../../src/domain/money.js";
import { addressKey } from "../../../src/domain/ids.js";
import { activityCsv, activityPanelState } from "../../../src/view/activity/activityView.js";
import { rowsPerPage } from "../../../src/view/activity/activityTable.js";
import { csv } from "../../../src/view/csv.js";
import { english } from "../../../src/view/translate.js";
import {
  activityFacts,
  activityState,
  activityTelling,
  anActivity,
  someMovements,
} from "../../support/activity.js";
import { address, aProvider } from "../../support/builders.js";
import { assertGolden } from "../../support/golden.js";

describe("The activity's table", () => {
  it("says of every kind what it is, which way the money went, and what else is to be said", () => {
    const { table, sums, totals, status } = activityState();
    const lines = [
      status,
      ...sums.map(({ label, value, exact }) => `${label}: ${value} (${exact})`),
      table.columns.map(({ label, order = "" }) => `${label} ${order}`.trim()).join(" | "),
      ...table.rows.map(({ time, label, route, amount, exact, provider, note, transaction }) =>
        [time, label, route, `${amount} (${exact})`, provider, note, transaction].join(" | "),
      ),
      ...totals.flatMap(({ title, head, rows, note }) => [
        title,
        head.join(" | "),
        ...rows.map(({ name, cells }) => [name, ...cells].join(" | ")),
        note,
      ]),
    ];
    assertGolden("activity", lines.join("\n").trimEnd());
  });

  it("names providers as the accounts view does, with their address", () => {
    const facts = activityFacts();
    const providers = [aProvider({ provider: address("a"), model: "phi-4" })];
    const { table, filters } = activityPanelState({ ...facts, providers }, activityTelling);
    const names = new Set(table.rows.map(({ provider }) => provider));
    assert.ok(names.has("phi-4 · 0xaaaa…aaaa"), [...names].join());
    assert.ok(filters[0]?.options.some(({ label }) => label === "phi-4 · 0xaaaa…aaaa"));
    assert.ok(names.has("0xbbbb…bbbb"));
  });

  it("rounds up what was paid, as everywhere", () => {
    const paid = {
      ...someMovements(1)[0]!,
      kind: "settlement" as const,
      amount: neuron(24_500_000_000_000n),
    };
    const { sums } = activityState(anActivity({ movements: [paid] }));
    assert.equal(sums.find(({ label }) => label === "Paid to providers")?.value, "0.000025 0G");
  });

  it("shows a page at a time, and the last one for every page beyond", () => {
    const state = anActivity({ movements: someMovements(120) });
    const page = (number: number) => activityState(state, { page: number }).table;
    assert.equal(page(0).rows.length, rowsPerPage);
    assert.equal(page(2).rows.length, 20);
    assert.deepEqual(page(2).paging, { text: "101–120 of 120", page: 2, pages: 3 });
    assert.deepEqual(page(7), page(2));
  });

  it("is in the order that is asked for, by exact amount and not by its text", () => {
    const amounts = (isDescending: boolean) =>
      activityState(anActivity(), { sort: "amount", isDescending }).table.rows.map(({ exact }) => exact);
    assert.deepEqual(amounts(true).slice(0, 4), ["10 0G", "2 0G", "1.99799 0G", "1.5 0G"]);
    assert.deepEqual(amounts(false), amounts(true).toReversed());
    const times = activityState().table.rows.map(({ timestamp }) => timestamp);
    assert.deepEqual(times, [...times].sort().reverse());
  });

  it("shows what fits provider and kind, and adds up just that", () => {
    const provider = addressKey(address("b"));
    const { table, totals } = activityState(anActivity(), { provider });
    assert.deepEqual(
      table.rows.map(({ label }) => label),
      ["Fine-tuning fee", "Acknowledgement", "Transfer"],
    );
    assert.equal(totals[0]?.rows.length, 1);
    const both = activityState(anActivity(), { provider, kind: "deposit" });
    assert.deepEqual(
      [both.table.rows, both.table.empty, both.totals],
      [[], "Nothing fits these filters.", []],
    );
  });

  it("links to the explorer where the network has one", () => {
    assert(activityState(anActivity(), {}, "mainnet").table.rows[0]?.hasLink);
    assert(!activityState().table.rows[0]?.hasLink);
  });

  it("says how far it was read", () => {
    const history = { scannedTo: 14_000_000, head: 20_000_000, span: 1, events: [], callsFrom: 0 };
    const reading = activityState(anActivity({ isReading: true, readAt: undefined, history }), {}, "mainnet");
    assert.equal(reading.status, "Reading block 14000000 of 20000000…");
    assert(reading.progress !== undefined && reading.progress > 0.1 && reading.progress < 0.2);
    const narrow = { ...history, span: 1000 };
    const slow = activityState(anActivity({ isReading: true, readAt: undefined, history: narrow }));
    assert.match(slow.notices[0] ?? "", /gives 1000 blocks at a time, so that about 6000 requests are left/);
    const wide = { ...history, span: 50_000 };
    const fast = activityState(anActivity({ isReading: true, readAt: undefined, history: wide }));
    assert.deepEqual(fast.notices, []);
    const error = { code: "network", facts: { what: "rpc", url: "x", detail: "gone" } } as const;
    const stopped = activityState(anActivity({ readAt: undefined, history, error }), {}, "mainnet");
    assert.equal(stopped.status, "Stopped at block 14000000 of 20000000; it goes on from there.");
    assert.equal(stopped.problem?.action, "Retry");
  });

  it("admits what it cannot list, and how much of the ledger that leaves unexplained", () => {
    assert.deepEqual(activityState().notices, []);
    const more = activityState(anActivity({ movements: someMovements().slice(1) })).notices;
    assert.match(more.join(), /holds 10 0G more than the movements below explain/);
    const withoutWithdrawal = someMovements().filter(({ kind }) => kind !== "withdrawal");
    const less = activityState(anActivity({ movements: withoutWithdrawal })).notices;
    assert.match(less.join(), /holds 1.000000000000000001 0G less/);
    const history = { scannedTo: 9, head: 9, span: 1, events: [], callsFrom: 8 };
    const unknown = activityState(anActivity({ history, ledgerTotal: undefined })).notices;
    assert.match(unknown.join(), /keeps no states from before block 8/);
  });
});

describe("The exported activity", () => {
  it("has every row that is filtered for, with exact amounts, whole addresses and links", () => {
    const text = activityCsv(activityFacts(anActivity(), {}, "testnet"), english);
    const lines = text.split("\r\n");
    assert.equal(lines.length, 1 + 20 + 1);
    assert.equal(
      lines[0],
      "\ufefftime,kind,amount_0g,amount_neuron,provider,service,note,transaction,block,link",
    );
    const hash = `0x${"0".repeat(63)}d`;
    assert.equal(
      lines[14],
      `2026-01-17T03:00:00.000Z,withdrawal,1.000000000000000001,1000000000000000001,,,,${hash},113,https://chainscan-galileo.0g.ai/tx/${hash}`,
    );
    assert.match(
      lines[4] ?? "",
      /^2026-01-15T21:00:00.000Z,answer,0.0000123,12300000000000,0x.*,inference,,,,$/,
    );
    const few = activityCsv(activityFacts(anActivity(), { kind: "deposit" }), english);
    assert.equal(few.split("\r\n").length, 1 + 1 + 1);
  });

  for (const [cell, written] of [
    ["plain", "plain"],
    ["", ""],
    ["a,b", '"a,b"'],
    ["x;=1+1", '"x;=1+1"'],
    ["x\t=1", '"x\t=1"'],
    ['say "yes"', '"say ""yes"""'],
    ["two\r\nlines", '"two\r\nlines"'],
    ["-1.5", "-1.5"],
    ["12", "12"],
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1+2", "'-1+2"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", `"'\t=1"`],
    ["  =1", "'  =1"],
    ["|cmd", "'|cmd"],
    ["\uff1d1", "'\uff1d1"],
    ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
    ["0x1234", "0x1234"],
  ] as const)
    it(`writes ${JSON.stringify(cell)} so that a spreadsheet shows it and runs nothing`, () => {
      assert.equal(csv([[cell, "end"]]), `\ufeff${written},end\r\n`);
    });
});
