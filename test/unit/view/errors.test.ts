import assert from "node:assert/strict";
import { ComputeError } from "../../../src/domain/error.js";
import { settingFaults } from "../../../src/domain/settingFault.js";
import { actionsToShow, errorView } from "../../../src/view/errors/errors.js";
import { english } from "../../../src/view/translate.js";
import { address } from "../../support/builders.js";
import { everyError as errors } from "../../support/everyError.js";
import { assertGolden } from "../../support/golden.js";

const provider = address("a");

describe("The sentence for an error", () => {
  it("is plain for every code and every kind of facts", () => {
    const lines = errors.map((error) => {
      const { text, actions } = errorView(error, english);
      return `${error.code}: ${text}${actions.map(({ id, title }) => ` [${title}: ${id}]`).join("")}`;
    });
    assertGolden("errors", lines.join("\n"));
  });

  it("never shows what an RPC address carries besides its host", () => {
    for (const error of errors) assert.doesNotMatch(errorView(error, english).text, /abcdef/);
  });

  it("takes control characters, direction marks and length out of others' words", () => {
    const hostile = `ok\u202Egnp.exe\u0007\n\n${"x".repeat(5000)}\u200B`;
    for (const error of [
      new ComputeError("refusedByProvider", { provider, status: 400, detail: hostile }),
      new ComputeError("rejectedByChain", { reason: hostile, args: [hostile] }),
      new ComputeError("network", { what: "rpc", url: hostile, detail: hostile }),
      new ComputeError("unknownServiceType", { provider: hostile, serviceType: hostile }),
      new ComputeError("badFile", { path: hostile, detail: hostile }),
      ...settingFaults.map(
        (why) =>
          new ComputeError("badSetting", {
            ...{ setting: hostile, why, member: hostile, value: hostile, choices: [hostile] },
          }),
      ),
      new ComputeError("badAmount", { text: hostile, why: "notANumber" }),
      new ComputeError("sandboxFailed", { detail: hostile }),
    ]) {
      const { text } = errorView(error, english);
      assert.doesNotMatch(text, /[\u0000-\u001f\u202a-\u202e\u200b]/, error.code);
      assert.ok(text.length < 500, `${error.code}: ${text.length}`);
    }
  });

  it("says of a setting what is wrong with it, for every reason in other words", () => {
    const texts = settingFaults.map((why) => {
      const { text } = errorView(
        new ComputeError("badSetting", { setting: "zgCompute.network", why }),
        english,
      );
      const [, reason = ""] = /^The setting zgCompute\.network cannot be used: (\S.*\.)$/.exec(text) ?? [];
      assert.notEqual(reason, "", why);
      return reason;
    });
    assert.equal(new Set(texts).size, settingFaults.length);
  });

  it("has a button, also where nothing can be tried again", () => {
    for (const error of errors.filter(({ code }) => code !== "cancelled")) {
      const view = errorView(error, english);
      assert.ok(view.actions.length > 0, view.text);
      const shown = actionsToShow(view, false, english);
      assert.ok(shown.length > 0 && shown.every(({ id }) => id !== "retry"), view.text);
    }
  });

  it("hands the provider to the command of its button", () => {
    const [topUp] = errorView(
      new ComputeError("insufficientFunds", { account: "sub-account", provider, have: 0n, need: 1n }),
      english,
    ).actions;
    assert.deepEqual(topUp?.arguments, [{ subject: { provider } }]);
  });
});
