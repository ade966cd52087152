// What a client adds to a streamed question: time to the first token, to the whole answer, and to the checked answer, over a bare `fetch`
// of the same bytes with the same kind of bearer.
import type { ZGComputeNetworkBroker } from "@0gfoundation/0g-compute-ts-sdk";
import type { Broker } from "../../src/broker/api.js";
import type { ProviderId } from "../../src/domain/ids.js";
import { cpuMsSince, inTurn, stats } from "./measure.js";
import type { Relay } from "./relay.js";
import type { Sides, User } from "./sides.js";
import { ratio, spread, type Table, type Topic } from "./table.js";

/** Milliseconds since the question. */
interface Times {
  readonly firstToken: number;
  readonly whole: number;
  /** Absent for the bare fetch. */
  readonly checked?: number;
  /** This process's CPU time for all of it. */
  readonly cpuMs: number;
}

interface Ask {
  readonly url: string;
  readonly body: string;
  readonly authorization: string;
}

const question = "What is 0G Compute?";
const warmRounds = 30;
const coldRounds = 12;

export interface QuestionOptions {
  readonly sides: Sides;
  readonly relay: Relay;
  readonly user: User;
}

export async function measureQuestions({ sides, relay, user }: QuestionOptions): Promise<Topic> {
  const target = sides.sandbox.ready.providers.find((one) => one.class === "combined");
  if (!target) throw new Error("the sandbox has no combined provider");
  const provider = target.address as ProviderId;
  const url = `${target.url}/v1/proxy/chat/completions`;
  const broker = sides.ours(user);
  const official = await sides.official(sides.wallet(user));
  const body = await bodyOf(broker, provider);
  const bearer = async () => (await sides.ours(user).inference.getRequestHeaders(provider)).Authorization;
  const authorization = await bearer();

  const warm = await inTurn(warmRounds, {
    bare: () => askBare({ url, body, authorization }),
    ours: () => askOurs(broker, provider),
    bareAgain: () => askBare({ url, body, authorization }),
    official: () => askOfficial(official, provider, body),
  });
  // A token that the provider has not seen costs it a check: the bare fetch brings such a one, too.
  const cold = await inTurn(coldRounds, {
    bare: async () => askBare({ url, body, authorization: await bearer() }),
    ours: () => askOurs(sides.ours(user), provider),
    bareAgain: async () => askBare({ url, body, authorization: await bearer() }),
    official: async () => askOfficial(await sides.official(sides.wallet(user)), provider, body),
  });
  const counts = await countRequests({ sides, relay, user }, provider, body);
  const rows = [...rowsOf("warm", warm), ...rowsOf("cold", cold)];
  const tables = [timeTable(rows), countTable(counts)];
  const data = { times: rows.map(({ what, ...sides }) => ({ what, ...statsOf(sides) })), requests: counts };
  return { name: "questions", tables, data };
}

/** The bytes our broker sends: everybody sends these. */
async function bodyOf(broker: Broker, provider: ProviderId): Promise<string> {
  const { requestBody } = await ours(broker, provider, () => undefined);
  return new TextDecoder().decode(requestBody);
}

async function ours({ inference }: Broker, provider: ProviderId, onDelta: () => void) {
  const messages = [{ role: "user" as const, content: question }];
  return inference.chat(await inference.getService(provider), { messages, isStreamed: true }, ({ kind }) => {
    if (kind === "delta") onDelta();
  });
}

async function askOurs(broker: Broker, provider: ProviderId): Promise<Times> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  let firstToken = NaN;
  const exchange = await ours(broker, provider, () => {
    if (Number.isNaN(firstToken)) firstToken = performance.now() - started;
  });
  const whole = performance.now() - started;
  const { level } = await broker.inference.verifyResponse(exchange);
  if (level !== "verified") throw new Error(`our verdict is ${level}`);
  return { firstToken, whole, checked: performance.now() - started, cpuMs: cpuMsSince(cpu) };
}

async function askBare(ask: Ask): Promise<Times> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const { firstToken, whole } = await post(ask, started);
  return { firstToken, whole, cpuMs: cpuMsSince(cpu) };
}

/** As the SDK's documents have it: metadata, headers, one's own request, processResponse with id and usage. */
async function askOfficial(
  { inference }: ZGComputeNetworkBroker,
  provider: string,
  body: string,
): Promise<Times> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const { endpoint } = await inference.getServiceMetadata(provider);
  const { Authorization: authorization } = await inference.getRequestHeaders(provider);
  const answer = await post({ url: `${endpoint}/chat/completions`, body, authorization }, started);
  const isRight = await inference.processResponse(provider, answer.chatId, answer.usage);
  if (isRight !== true) throw new Error(`the SDK's verdict is ${String(isRight)}`);
  const { firstToken, whole } = answer;
  return { firstToken, whole, checked: performance.now() - started, cpuMs: cpuMsSince(cpu) };
}

/** One request by hand; an answer's text is looked at only as far as its first token and its usage. */
async function post({ url, body, authorization }: Ask, started: number) {
  const headers = { "content-type": "application/json", authorization };
  const response = await fetch(url, { method: "POST", headers, body });
  if (!response.ok || !response.body) throw new Error(`${response.status}: ${await response.text()}`);
  const decoder = new TextDecoder();
  let text = "";
  let firstToken = NaN;
  for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(piece, { stream: true });
    if (Number.isNaN(firstToken) && /"content":"[^"]/.test(text)) firstToken = performance.now() - started;
  }
  const whole = performance.now() - started;
  const usage = /"usage":(\{.*?\})/.exec(text)?.[1] ?? "{}";
  return { firstToken, whole, usage, chatId: response.headers.get("zg-res-key") ?? "" };
}

type Measured = Record<"bare" | "ours" | "bareAgain" | "official", Times[]>;

interface Row {
  readonly what: string;
  readonly bare: readonly number[];
  readonly ours: readonly number[];
  readonly oursAdded: readonly number[];
  readonly official: readonly number[];
  readonly officialAdded: readonly number[];
}

/** Added: the difference to the bare request just before, median of the rounds. A checked answer is held against the bare whole one. */
function rowsOf(state: string, { bare, ours, bareAgain, official }: Measured): Row[] {
  const row = (what: string, of: (times: Times) => number, ofBare: (times: Times) => number): Row => {
    const added = (side: readonly Times[], before: readonly Times[]) =>
      side.map((times, round) => of(times) - ofBare(before[round] ?? times));
    return {
      what: `${state} token: ${what}`,
      bare: [...bare, ...bareAgain].map(ofBare),
      ours: ours.map(of),
      oursAdded: added(ours, bare),
      official: official.map(of),
      officialAdded: added(official, bareAgain),
    };
  };
  const [first, whole] = [(times: Times) => times.firstToken, (times: Times) => times.whole];
  const cpu = (times: Times) => times.cpuMs;
  return [
    row("first token", first, first),
    row("whole answer", whole, whole),
    row("answer and verdict", (times) => times.checked ?? NaN, whole),
    row("CPU of the client for it", cpu, cpu),
  ];
}

function statsOf(sides: Omit<Row, "what">): object {
  return Object.fromEntries(Object.entries(sides).map(([name, values]) => [name, stats(values)]));
}

function timeTable(rows: readonly Row[]): Table {
  const median = (values: readonly number[]) => `${stats(values).median.toFixed(1)} ms`;
  return {
    title: "A streamed question",
    head: [
      "median (min..max)",
      "bare fetch",
      "ours",
      "added by ours",
      "official SDK",
      "added by the SDK",
      "added, ratio",
    ],
    rows: rows.map(({ what, bare, ours, oursAdded, official, officialAdded }) => [
      what,
      median(bare),
      median(ours),
      spread(stats(oursAdded)),
      median(official),
      spread(stats(officialAdded)),
      ratio(stats(oursAdded).median, stats(officialAdded).median),
    ]),
    notes: [
      "Cold: the first question of a broker that was just made; it knows neither service nor account. What making it costs is not counted.",
      `${warmRounds} rounds warm, ${coldRounds} cold. Answers of the sandbox's model, without pauses.`,
    ],
  };
}

interface Count {
  readonly what: string;
  readonly ours: string;
  readonly official: string;
}

/** Requests beside the question itself and the fetch of the signature. */
async function countRequests(
  { sides, relay, user }: QuestionOptions,
  provider: ProviderId,
  body: string,
): Promise<Count[]> {
  const rpcUrl = relay.url;
  const broker = sides.ours(user, { rpcUrl, isBatching: true });
  const official = await sides.official(sides.wallet(user, { rpcUrl }));
  const rows: Count[] = [];
  for (const state of ["cold", "warm"]) {
    const exchanges: Awaited<ReturnType<typeof ours>>[] = [];
    const question = await relay.count(async () =>
      exchanges.push(await ours(broker, provider, () => undefined)),
    );
    const theirs = await relay.count(() => official.inference.getRequestHeaders(provider));
    rows.push({
      what: `${state} token: before the question`,
      ours: `${question.rpcCalls} / ${question.rpcRequests} / ${question.providerRequests - 1}`,
      official: `${theirs.rpcCalls} / ${theirs.rpcRequests} / ${theirs.providerRequests}`,
    });
    if (state === "cold") continue;
    const [exchange] = exchanges;
    if (!exchange?.chatId) throw new Error("the answer has no id");
    const { chatId } = exchange;
    const verdict = await relay.count(() => broker.inference.verifyResponse(exchange));
    const process = await relay.count(() => official.inference.processResponse(provider, chatId, body));
    rows.push({
      what: "verdict",
      ours: `${verdict.rpcCalls} / ${verdict.rpcRequests} / ${verdict.providerRequests}`,
      official: `${process.rpcCalls} / ${process.rpcRequests} / ${process.providerRequests}`,
    });
  }
  return rows;
}

function countTable(counts: readonly Count[]): Table {
  return {
    title: "Requests round a question",
    head: ["JSON-RPC calls / their HTTP requests / HTTP requests to the provider", "ours", "official SDK"],
    rows: counts.map(({ what, ours, official }) => [what, ours, official]),
    notes: [
      "The question itself is not counted. Before it the SDK asks the provider for the unsettled fee and tops up when too little is left;",
      "ours never moves money. For a verdict ours reads the service and the account again: a key replaced or disowned since proves nothing.",
    ],
  };
}
