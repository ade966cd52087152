import assert from "node:assert/strict";
import { networks } from "../../../src/domain/networks.js";
import type { Notice } from "../../../src/services/fineTuning/ports.js";
import type { RunId } from "../../../src/services/fineTuning/types.js";
import { emptyingConfirmation } from "../../../src/view/fineTuning/emptyingView.js";
import { createFineTuningTexts } from "../../../src/view/fineTuning/fineTuningConfirmations.js";
import { noticeView } from "../../../src/view/noticeView.js";
import { OpenNotices } from "../../../src/view/openNotices.js";
import { stuckSentence, wayOutView } from "../../../src/view/fineTuning/stuckView.js";
import { english as t } from "../../../src/view/translate.js";
import { address, aWallet, noon, og } from "../../support/builders.js";
import { assertGolden } from "../../support/golden.js";
import { aRun, aStuckState, hash, hour, taskId, telling } from "../../support/tasks.js";

const { moment } = telling();

describe("The words of fine-tuning", () => {
  it("ask before a model is paid for, and before a dataset becomes public", () => {
    const texts = createFineTuningTexts(t, moment);
    const facts = {
      run: aRun(),
      network: networks.testnet,
      wallet: aWallet(),
      fee: og("0.0123"),
      terms: { lockTime: 86_400, penaltyPercentage: 30 },
      balance: og("1"),
      maxGasFee: og("0.0002"),
      deadline: noon / 1000 + 3600,
      isBlind: false,
    };
    const show = ({ title, detail, confirmLabel }: ReturnType<typeof texts.acknowledge>) =>
      `# ${title}\n${detail}\n[${confirmLabel}]`;
    assertGolden(
      "fineTuningConfirmations",
      [
        show(texts.acknowledge(facts)),
        show(
          texts.acknowledge({
            ...facts,
            signerChange: { signed: address("f"), now: address("d"), isAcknowledgedByOwner: false },
          }),
        ),
        show(texts.acknowledge({ ...facts, isBlind: true, fee: undefined, network: networks.sandbox })),
        show(
          texts.publicUpload({
            network: networks.testnet,
            wallet: aWallet(),
            path: "/work/data/support.jsonl",
            size: 20_000,
            root: hash("d"),
            fee: og("0.001"),
            maxGasFee: og("0.0002"),
            walletBalance: og("10"),
          }),
        ),
        show(
          emptyingConfirmation(
            {
              provider: address("a"),
              total: og("4.5"),
              unlocksAt: noon / 1000 + 86_400,
              undecrypted: [taskId],
              newLedger: og("3"),
            },
            telling(),
          ),
        ),
      ].join("\n\n"),
    );
  });

  it("tell of a delivered model until when, what happens by itself, and one way on", () => {
    const notice = (kind: Notice["kind"], manner: Notice["manner"] = "asked"): Notice => ({
      kind,
      run: aRun(),
      manner,
      secondsLeft: 3600,
      untilWhen: {
        provider: address("a"),
        taskId,
        kind: "delivered",
        at: (noon + hour) / 1000,
        seconds: 43_200,
        penaltyPercentage: 30,
      },
    });
    const kinds = ["delivered", "halfTime", "oneHour", "acknowledged", "missed", "failed"] as const;
    const abandoned = { ...notice("failed"), run: aRun({ ending: "abandoned" }) };
    const heldUp = { ...notice("oneHour", "alone"), run: aRun({ state: "failed" }) };
    const place = { network: networks.testnet, wallet: aWallet() };
    const elsewhere = { ...notice("halfTime"), place };
    const all = [
      ...kinds.map((kind) => notice(kind)),
      ...[notice("delivered", "alone"), notice("oneHour", "byCommand"), abandoned, heldUp, elsewhere],
    ];
    assertGolden(
      "notices",
      all
        .map((one) => noticeView(one, telling()))
        .map(
          ({ text, isWarning, actions }) =>
            `${isWarning ? "!" : "-"} ${text} [${actions.map(({ id }) => id).join(", ")}]`,
        )
        .join("\n"),
    );
    // The chain's clock may be ahead of this machine's: what is left is told by the chain's.
    const ahead = noticeView({ ...notice("halfTime"), secondsLeft: 7200 }, telling());
    assert.match(ahead.text, /2 h 0 min left/);
  });

  it("come once for a model while nobody answered, and again only where it is more urgent", async () => {
    const open = new OpenNotices();
    const shown: string[] = [];
    const answers: (() => void)[] = [];
    const tell = (kind: Notice["kind"], id = "run1") =>
      void open.unlessOpen({ kind, run: { id: id as RunId } }, async () => {
        shown.push(`${kind} ${id}`);
        await new Promise<void>((resolve) => answers.push(resolve));
      });
    for (const kind of ["delivered", "delivered", "acknowledged", "halfTime", "oneHour"] as const) tell(kind);
    tell("delivered", "run2");
    assert.deepEqual(shown, ["delivered run1", "halfTime run1", "oneHour run1", "delivered run2"]);
    answers.splice(0).forEach((answer) => answer());
    await new Promise(setImmediate);
    tell("acknowledged");
    assert.equal(shown.at(-1), "acknowledged run1");
    tell("missed");
    assert.equal(shown.at(-1), "missed run1");
  });

  it("name each stuck state, what its way out costs, and what nothing brings back", () => {
    const states = [
      aStuckState(),
      aStuckState({ name: "unacknowledgedQueue", lost: [], waysOut: ["acknowledge", "acknowledgeBlind"] }),
      aStuckState({ name: "abandoned", lost: ["model"], waysOut: ["newTask"] }),
      aStuckState({ name: "keyMissing", why: "notSettled", lost: [], waysOut: ["wait", "otherProvider"] }),
      aStuckState({ name: "keyMissing", why: "penalty", lost: ["key", "fee"], waysOut: ["newTask"] }),
      aStuckState({
        ...{ name: "keyMissing", why: "useless" },
        ...{ lost: ["model", "key", "fee"], waysOut: ["newTask"] },
      }),
      aStuckState({ name: "fileGone", lost: ["model"], waysOut: ["downloadFromStorage", "newTask"] }),
    ];
    const text = states.map((stuck) =>
      [
        `# ${stuck.name}`,
        stuckSentence(stuck, t),
        ...stuck.waysOut.map((way) => {
          const { label, detail } = wayOutView(way, stuck, t);
          return `- ${label}: ${detail}`;
        }),
      ].join("\n"),
    );
    assertGolden("stuck", text.join("\n\n"));
    assert.equal(text.length, 7);
  });
});
