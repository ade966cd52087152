// Checking one answer: ours `verifyResponse`, the SDK's `processResponse`. With the requests they make, and with these answered from
// memory, which leaves their own work.
import type { Broker } from "../../src/broker/api.js";
import type { Exchange } from "../../src/broker/inference/exchange.js";
import type { ProviderId } from "../../src/domain/ids.js";
import { cost, inTurn, stats } from "./measure.js";
import { Replay } from "./replay.js";
import type { Sides, User } from "./sides.js";
import {
  type Comparison,
  comparisonData,
  comparisonTable,
  costLines,
  type Table,
  type Topic,
} from "./table.js";

const rounds = 40;

export async function measureVerification(sides: Sides, user: User): Promise<Topic> {
  const provider = sides.sandbox.ready.providers.find((one) => one.class === "combined")
    ?.address as ProviderId;
  const broker = sides.ours(user);
  const official = await sides.official(sides.wallet(user));
  const exchange = await askOnce(broker, provider);
  const id = exchange.chatId ?? "";
  const process = () => official.inference.processResponse(provider, id);
  const asked = await inTurn(rounds, {
    ours: () => cost(() => broker.inference.verifyResponse(exchange)),
    official: () => cost(process),
  });
  const memory = new Replay();
  const remembering = sides.ours(user, { fetch: memory.fetch });
  const replayed = await inTurn(rounds, {
    ours: () => cost(() => remembering.inference.verifyResponse(exchange)),
    official: () => memory.instead(() => cost(process)),
  });
  const lines: Comparison[] = [
    ...costLines("with its requests", asked.ours, asked.official),
    ...costLines("requests answered from memory", replayed.ours, replayed.official),
  ];
  const notes = [
    `${rounds} rounds on one answer of ${exchange.responseBody.length} bytes. The SDK keeps the service for ten minutes; ours reads it again.`,
  ];
  const checks = await compareChecks(sides, user);
  const report = await measureReport(broker, provider);
  const tables = [comparisonTable("Verification of one answer", lines, notes), ...checks, report];
  return {
    name: "verification",
    tables,
    data: { lines: comparisonData(lines), checks: checks.map(({ rows }) => rows) },
  };
}

/** Every check of one attestation report, without network. The SDK looks into no quote: there is nothing to put beside it. */
async function measureReport(broker: Broker, provider: ProviderId): Promise<Table> {
  const { reports } = await broker.attestation.verifyProvider(provider, "inference");
  const bytes = reports[0]?.bytes ?? new Uint8Array();
  const times: number[] = [];
  let steps = 0;
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    steps = broker.attestation.checkReport(bytes, { now: Date.now() }).steps.length;
    times.push(performance.now() - started);
  }
  const [first = 0] = times;
  const { median } = stats(times);
  return {
    title: "An enclave's report, checked locally",
    head: ["report", "steps", "first, ms", "median, ms", "wanted"],
    rows: [[`${bytes.length} bytes`, `${steps}`, first.toFixed(1), median.toFixed(1), "below 50"]],
  };
}

/** What each says of an answer as it is, and of the same answer with one byte of the text changed. */
async function compareChecks(sides: Sides, user: User): Promise<Table[]> {
  const broker = sides.ours(user);
  const official = await sides.official(sides.wallet(user));
  const verdicts: string[][] = [];
  const checks = new Map<string, string>();
  // One of each class; the provider that trains is another combined one.
  const ofEachClass = sides.sandbox.ready.providers.filter(({ model }) => model === "sandbox-chat");
  for (const one of ofEachClass) {
    const provider = one.address as ProviderId;
    const exchange = await askOnce(broker, provider);
    const verdict = await broker.inference.verifyResponse(exchange);
    const altered = await broker.inference.verifyResponse({ ...exchange, responseBody: changed(exchange) });
    const result = String(await official.inference.processResponse(provider, exchange.chatId));
    verdicts.push([`${one.class}, as received`, verdict.level, result]);
    // There is nothing to hand it: its call takes the id alone.
    verdicts.push([`${one.class}, one byte changed`, altered.level, result]);
    for (const { id, status } of verdict.checks) checks.set(id, `${checks.get(id) ?? ""} ${status}`.trim());
  }
  const official_ = new Map([
    ["signature", "checked"],
    ["signer", "checked, service up to 10 min old"],
    ["owner-acknowledged", "checked, service up to 10 min old"],
  ]);
  const states = (text: string) => [...new Set(text.split(" "))].join(" or ");
  return [
    { title: "Verdicts", head: ["answer", "ours", "official SDK"], rows: verdicts },
    {
      title: "What is checked",
      head: ["check", "ours", "official SDK"],
      rows: [...checks].map(([id, all]) => [id, states(all), official_.get(id) ?? "-"]),
    },
  ];
}

async function askOnce({ inference }: Broker, provider: ProviderId): Promise<Exchange> {
  const messages = [{ role: "user" as const, content: "What is 0G Compute?" }];
  return inference.chat(
    await inference.getService(provider),
    { messages, isStreamed: true },
    () => undefined,
  );
}

function changed({ responseBody }: Exchange): Uint8Array {
  const bytes = responseBody.slice();
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  return bytes;
}
