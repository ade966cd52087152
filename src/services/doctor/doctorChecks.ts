// The doctor's checks. Each asks the service that knows, and says in facts what that means.
import { ComputeError, isComputeError, toComputeError } from "../../domain/error.js";
import { networkIds } from "../../domain/networks.js";
import type { NodeLook } from "../../domain/nodeLook.js";
import { isShort, spendable, type SubAccount } from "../../domain/account.js";
import type { CheckId, Fact, Finding, Word } from "./doctorFinding.js";
import type { Visit } from "./doctorVisit.js";
import { tuningEntry } from "../fineTuning/preconditions.js";
import { keptError } from "../loaded.js";
import type { Recipient, Settings } from "../ports.js";
import { randomId } from "../randomId.js";
import { parseCustomNetwork } from "../settings.js";

export interface Check {
  readonly id: CheckId;
  readonly run: (visit: Visit) => Promise<readonly Finding[]>;
  /** What silence means. */
  readonly ifLate: Word;
}

const minute = 60;
/** Providers refuse what is dated more than so many seconds before or after their own time (spec fine-tuning.md 5.3). */
const oldest = 5 * minute;
const newest = minute;
/** Nodes of one network are seconds apart, not more. */
const behind = 30;
/** A block is on the chain within seconds. */
const waitsLong = 2 * minute;
const fullDisk = 50 * 1024 ** 2;
const shortDisk = 1024 ** 3;

export const checks: readonly Check[] = [
  { id: "settings", run: settings, ifLate: "notChecked" },
  { id: "nodes", run: onChain("nodes", nodes), ifLate: "notChecked" },
  { id: "money", run: onChain("money", money), ifLate: "notChecked" },
  { id: "acknowledgements", run: onChain("acknowledgements", acknowledgements), ifLate: "notChecked" },
  { id: "signers", run: onChain("signers", signers), ifLate: "notChecked" },
  { id: "transactions", run: transactions, ifLate: "notChecked" },
  { id: "records", run: records, ifLate: "notChecked" },
  { id: "keychain", run: keychain, ifLate: "broken" },
  { id: "sandbox", run: sandbox, ifLate: "notChecked" },
  { id: "disk", run: disk, ifLate: "broken" },
];

function told(check: CheckId, word: Word, fact: Fact): Finding {
  return { check, word, fact };
}

function failed(check: CheckId, word: Word, error: unknown): Finding {
  return told(check, word, { kind: "error", error: keptError(error) });
}

/** A sandbox that rests is not started to be asked. */
function onChain(id: CheckId, run: Check["run"]): Check["run"] {
  return async (visit) => (visit.isResting ? [told(id, "notChecked", { kind: "sandboxRests" })] : run(visit));
}

/** Every way to read a setting; the compiler says when one is missing. */
const readings: {
  readonly [N in Exclude<keyof Settings, "onDidChange">]: (settings: Settings) => readonly (() => unknown)[];
} = {
  network: (all) => [() => all.network()],
  rpcUrls: (all) => networkIds.map((id) => () => all.rpcUrls(id)),
  customNetwork: (all) => [
    () => (isGiven(all.customNetwork()) || isCustom(all)) && parseCustomNetwork(all.customNetwork()),
  ],
  limit: (all) => (["perTransaction", "perDay", "perProvider"] as const).map((name) => () => all.limit(name)),
  keepFunded: (all) => [() => all.keepFunded()],
  lowBalance: (all) => [() => all.lowBalance()],
  privateOnly: (all) => [() => all.privateOnly()],
  sandboxUpstream: (all) => [() => all.sandboxUpstream()],
  autoAcknowledge: (all) => [() => all.autoAcknowledge()],
  confirmations: (all) => [() => all.confirmations()],
  unpackLimits: (all) => [() => all.unpackLimits()],
  keepsReceiptBodies: (all) => [() => all.keepsReceiptBodies()],
  showsVerdictInText: (all) => [() => all.showsVerdictInText()],
  pccsUrl: (all) => [() => all.pccsUrl()],
  endpointPort: (all) => [() => all.endpointPort()],
  endpointOrigins: (all) => [() => all.endpointOrigins()],
  endpointOrder: (all) => [() => all.endpointOrder()],
  endpointPrefers: (all) => [() => all.endpointPrefers()],
};

/** The custom network's usual value is an empty object. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && Object.keys(value).length > 0;
}

/** What is wrong with the network's own setting is told there. */
function isCustom(all: Settings): boolean {
  try {
    return all.network() === "custom";
  } catch (error) {
    if (isComputeError(error, "badSetting")) return false;
    throw error;
  }
}

async function settings({ options }: Visit): Promise<readonly Finding[]> {
  const found = Object.values(readings).flatMap((reading) =>
    reading(options.settings).flatMap((read) => {
      try {
        read();
        return [];
      } catch (error) {
        return [failed("settings", "broken", error)];
      }
    }),
  );
  return found.length > 0 ? found : [told("settings", "fine", { kind: "settings" })];
}

async function nodes({ options: { session, clock }, signal }: Visit): Promise<readonly Finding[]> {
  const looks = await session.nodes(signal);
  const heads = looks.filter((look) => "block" in look);
  const head = heads.toSorted((a, b) => b.timestamp - a.timestamp || b.block - a.block)[0];
  return [
    ...looks.map((look) => nodeFinding(look, head)),
    clockFinding(head, session.network(), clock.now()),
  ];
}

type Head = Exclude<NodeLook, { readonly error: unknown }>;

function nodeFinding(look: NodeLook, head: Head | undefined): Finding {
  if ("error" in look) return failed("nodes", "broken", look.error);
  const { host, block, timestamp } = look;
  const seconds = (head?.timestamp ?? timestamp) - timestamp;
  return seconds > behind
    ? told("nodes", "look", { kind: "nodeBehind", host, blocks: (head?.block ?? block) - block, seconds })
    : told("nodes", "fine", { kind: "node", host, block });
}

/** The sandbox's chain, and a private one, may make no blocks without transactions; the sandbox's time may be moved as well. */
function clockFinding(
  head: Head | undefined,
  { id, isSandbox }: { readonly id: string; readonly isSandbox: boolean },
  now: number,
): Finding {
  if (!head) return told("clock", "notChecked", { kind: "noClock", why: "noBlock" });
  const seconds = Math.round(now / 1000) - head.timestamp;
  const isQuiet = isSandbox || (id === "custom" && seconds > newest);
  if (isQuiet) return told("clock", "notChecked", { kind: "noClock", why: "quiet" });
  const word = seconds < -oldest ? "broken" : seconds < -behind || seconds > newest ? "look" : "fine";
  return told("clock", word, { kind: "clock", seconds });
}

async function money(visit: Visit): Promise<readonly Finding[]> {
  if (!visit.options.session.scope()) return [failed("money", "look", new ComputeError("noWallet", {}))];
  const { walletBalance: balance, ledger, subAccounts } = await visit.overview();
  return [
    told("money", balance === 0n ? "look" : "fine", { kind: "wallet", balance }),
    ledger
      ? told("money", "fine", { kind: "ledger", ...ledger })
      : failed("money", "look", new ComputeError("noLedger", {})),
    ...subAccounts.filter(isShort).map((account) => {
      const { provider } = account;
      return told("money", "look", { kind: "short", provider, balance: spendable(account) });
    }),
  ];
}

async function acknowledgements(visit: Visit): Promise<readonly Finding[]> {
  const { subAccounts } = await visit.overview();
  const open = subAccounts.filter(({ isAcknowledged }) => !isAcknowledged);
  return open.length > 0
    ? open.map(({ provider, service }) =>
        told("acknowledgements", "look", { kind: "unacknowledged", provider, service }),
      )
    : [told("acknowledgements", "fine", { kind: "acknowledged", accounts: subAccounts.length })];
}

async function signers(visit: Visit): Promise<readonly Finding[]> {
  const { subAccounts } = await visit.overview();
  const found = await Promise.all(subAccounts.map((account) => signer(visit, account)));
  const noticed = found.filter((finding) => finding !== undefined);
  const providers = found.length - noticed.length;
  return providers > 0 || found.length === 0
    ? [...noticed, told("signers", "fine", { kind: "signers", providers })]
    : noticed;
}

/** Undefined when it is the one that was verified. */
async function signer(visit: Visit, { provider, service }: SubAccount): Promise<Finding | undefined> {
  const broker = await visit.broker();
  const { signal } = visit;
  const recipient = async (): Promise<Recipient> => {
    if (service === "fine-tuning") {
      const trainer = tuningEntry(broker, provider, signal);
      return trainer.recipientOf(await trainer.read(true));
    }
    const found = await broker.inference.getService(provider, { maxAgeMs: 0, signal });
    if (!found.isSignerAcknowledgedByOwner)
      throw new ComputeError("notAcknowledged", { provider, by: "owner" });
    return { ...found, service };
  };
  try {
    const look = await visit.options.signer(await recipient());
    if (look === "same") return undefined;
    return told("signers", look === "unknown" ? "notChecked" : "look", {
      kind: "signer",
      ...{ provider, service, look },
    });
  } catch (error) {
    const isAnswer = isComputeError(error, "unknownProvider") || isComputeError(error, "notAcknowledged");
    return told("signers", isAnswer ? "look" : "notChecked", {
      kind: "error",
      error: keptError(error),
      account: { provider, service },
    });
  }
}

async function transactions(visit: Visit): Promise<readonly Finding[]> {
  const { journal, transactions: queue, clock } = visit.options;
  const scope = visit.scope();
  await journal.refresh(scope);
  const { pending, planned } = queue;
  const long = pending.filter(({ sentAt }) => clock.now() - sentAt > waitsLong * 1000);
  const known = visit.isResting
    ? 0
    : await (await visit.broker()).chain.pendingTransactions(scope.wallet, { signal: visit.signal });
  const foreign = known - pending.length;
  return [
    ...long.map((sent) => told("transactions", "look", { kind: "waiting", sent })),
    ...(foreign > 0
      ? [told("transactions", "look", { kind: "foreign", transactions: foreign, wallet: scope.wallet })]
      : []),
    ...(long.length > 0 || foreign > 0
      ? []
      : [
          told("transactions", "fine", {
            kind: "queue",
            ...{ waiting: pending.length, planned: planned.length },
          }),
        ]),
  ];
}

/** Of all wallets on all networks: another's damage is found when it is chosen, and then it is in the way. */
async function records({ options: { journal, apiKeys } }: Visit): Promise<readonly Finding[]> {
  const scopes = await journal.scopes();
  const looked = await Promise.all(
    scopes.map((scope) =>
      journal.refresh(scope).then(
        () => undefined,
        (error: unknown) => error,
      ),
    ),
  );
  await apiKeys.refresh();
  const found = looked
    .filter((error) => error !== undefined)
    .map((error) => failed("records", "broken", error));
  const { error } = apiKeys;
  if (error) found.push(told("records", "broken", { kind: "error", error }));
  return found.length > 0 ? found : [told("records", "fine", { kind: "records", wallets: scopes.length })];
}

/** With a name and a value of its own: no key is touched, and no other window's probe. */
async function keychain({ options: { secrets, random } }: Visit): Promise<readonly Finding[]> {
  const probe = randomId(random);
  const key = `zgCompute.doctorProbe.${randomId(random)}`;
  const refused = (why: string) => [failed("keychain", "broken", new ComputeError("walletLocked", { why }))];
  try {
    await secrets.store(key, probe);
    const kept = await secrets.get(key).finally(() => secrets.delete(key));
    const left = await secrets.get(key);
    return kept === probe && left === undefined
      ? [told("keychain", "fine", { kind: "keychain" })]
      : refused("readBack");
  } catch {
    return refused("refused"); // its own words may name the place of a secret
  }
}

async function sandbox({ options }: Visit): Promise<readonly Finding[]> {
  const { state, isJoined } = options.sandbox;
  switch (state.kind) {
    case "failed":
      return [failed("sandbox", "broken", state.error)];
    case "ready":
      return [told("sandbox", "fine", { kind: "sandbox", state: isJoined ? "joined" : "ready" })];
    case "starting":
      return [told("sandbox", "notChecked", { kind: "sandbox", state: "starting" })];
    case "stopped":
      return [
        told("sandbox", isSandboxWanted(options) ? "look" : "fine", { kind: "sandbox", state: "stopped" }),
      ];
  }
}

function isSandboxWanted({ session }: Visit["options"]): boolean {
  try {
    return session.network().isSandbox;
  } catch (error) {
    if (toComputeError(error).code === "badSetting") return false; // the settings' own finding tells
    throw error;
  }
}

async function disk({ options }: Visit): Promise<readonly Finding[]> {
  const { free, isWritable } = await options.disk();
  const word = !isWritable || free < fullDisk ? "broken" : free < shortDisk ? "look" : "fine";
  return [told("disk", word, { kind: "disk", free, isWritable })];
}
