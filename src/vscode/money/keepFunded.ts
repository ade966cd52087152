// Switches on, changes or switches off that an account is topped up by itself: the three amounts of its rule, and what they allow.
import { sameAddress } from "../../domain/ids.js";
import { exactOg, minNeuron, oneNeuron, parseOg, type Neuron } from "../../domain/money.js";
import type { KeepFundedRule } from "../../services/ports.js";
import { keepFundedConfirmation } from "../../view/money/keepFundedView.js";
import { shortAddress } from "../../view/address.js";
import { askAmount } from "../amountBox.js";
import type { App } from "../app.js";
import { writeKeepFunded } from "../settings.js";
import { pickOne } from "../questions.js";
import { t } from "../translate.js";
import { accountOf, pickAccount } from "./picking.js";
import { currentOverview } from "./running.js";

export async function keepFunded(app: App, row: unknown): Promise<boolean> {
  const overview = await currentOverview(app);
  const chats = overview.subAccounts.filter(({ service }) => service === "inference");
  const account = accountOf(overview, row) ?? (await pickAccount(app, chats, t("Keep account funded")));
  if (account?.service !== "inference") return false;
  const { provider } = account;
  const before = app.settings.keepFunded().find((one) => sameAddress(one.provider, provider));
  const wish = before ? await pickWish(provider) : "set";
  if (wish === undefined) return false;
  if (wish === "off") {
    await writeKeepFunded(provider, undefined);
    return true;
  }
  const rule = await askRule(app, { provider, ...(before ?? usualRule) });
  if (!rule || !(await app.dialogs.confirm(keepFundedConfirmation(rule, t)))) return false;
  const { floor, topUp, dailyCap } = rule;
  const texts = { floor: exactOg(floor), topUp: exactOg(topUp), dailyCap: exactOg(dailyCap) };
  await writeKeepFunded(provider, texts);
  return true;
}

const usualRule = { floor: parseOg("0.5"), topUp: parseOg("1"), dailyCap: parseOg("2") };

async function pickWish(provider: string): Promise<"set" | "off" | undefined> {
  const choices = [
    { label: t("Change the amounts"), wish: "set" as const },
    { label: t("Switch it off"), wish: "off" as const },
  ];
  const title = t("{0} is kept funded", shortAddress(provider));
  return (await pickOne(choices, { title }))?.wish;
}

/** Bounded by the user's limits where there are some: a rule beyond them would never do anything. */
async function askRule(app: App, rule: KeepFundedRule): Promise<KeepFundedRule | undefined> {
  const [perTransaction, perDay] = [app.settings.limit("perTransaction"), app.settings.limit("perDay")];
  const most = (limit: Neuron | undefined) => limit ?? parseOg("1000000");
  const title = t("Keep {0} funded", shortAddress(rule.provider));
  const ask = (prompt: string, value: Neuron, min: Neuron, max: Neuron) =>
    askAmount({ title, prompt, value: minNeuron(value, max), min, max });
  const floor = await ask(
    t("Below how much usable is it topped up?"),
    rule.floor,
    oneNeuron,
    most(undefined),
  );
  if (floor === undefined) return undefined;
  const topUp = await ask(
    t("How much is transferred from your ledger each time?"),
    rule.topUp,
    oneNeuron,
    most(perTransaction),
  );
  if (topUp === undefined) return undefined;
  const dailyCap = await ask(
    t("How much of it in 24 hours at most?"),
    rule.dailyCap > topUp ? rule.dailyCap : topUp,
    topUp,
    most(perDay),
  );
  return dailyCap === undefined ? undefined : { ...rule, floor, topUp, dailyCap };
}
