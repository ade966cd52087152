// The control API: faults, time, money and a look inside, for tests and demonstrations (spec/sandbox.md section 3).
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import { parseOg } from "../domain/money.js";
import { type TaskStage, taskStages } from "../domain/fineTuning.js";
import { isAddressText } from "../domain/ids.js";
import { BadFault, type Faults, type FaultValue } from "./faults.js";
import {
  BodyTooLarge,
  type Call,
  closeServer,
  createLoopbackServer,
  HttpError,
  isOwnHost,
  listen,
  readBody,
  sendJson,
} from "./loopback.js";

/** How the fine-tuning provider walks through its stages. */
export interface FineTuningPace {
  readonly pace: "fast" | "real";
  readonly deadlineSeconds?: number;
  readonly stopAt?: TaskStage;
  /** "POST /dataset", "/lora": calls of that method whose path contains this wait until they are let go. */
  readonly holdCalls?: string;
}

/** What the API reaches into. */
export interface ControlTargets {
  readonly faults: Faults;
  /** Moves the chain's clock forward and mines. */
  increaseTime(seconds: number): Promise<void>;
  /** Gives test money, in neuron. */
  fund(address: string, amount: bigint): Promise<void>;
  fineTuning(pace: FineTuningPace): Promise<void>;
  /** Charges on chain what users owe. */
  settle(): Promise<void>;
  /** The answer of `GET /state`. */
  state(): Promise<object>;
}

const maxBody = 64 * 1024;
const maxSeconds = 100 * 365 * 86_400;

export class Control {
  readonly token = randomBytes(24).toString("hex");
  private readonly server: Server;
  private port = 0;
  private targets: ControlTargets | undefined;

  constructor(log: (message: string) => void) {
    this.server = createLoopbackServer(
      (call) => this.handle(call),
      (error) => log(`control: ${String(error)}`),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Listens; calls are answered with 503 until `serve`. */
  async listen(port: number): Promise<number> {
    return (this.port = await listen(this.server, port));
  }

  serve(targets: ControlTargets): void {
    this.targets = targets;
  }

  close(): Promise<void> {
    return closeServer(this.server);
  }

  private async handle(call: Call): Promise<void> {
    const { request, response } = call;
    // Pages send an Origin and, after DNS rebinding, a foreign Host; tools send neither.
    if (!isOwnHost(request) || request.headers.origin !== undefined)
      throw new HttpError(403, { error: "only tools on this machine may call the control API" });
    if (!this.isAuthorised(request))
      throw new HttpError(401, { error: "Authorization: Bearer <control.token>" });
    if (!this.targets) throw new HttpError(503, { error: "the sandbox is starting" });
    const run = routes[`${call.method} ${call.path}`];
    if (!run) throw new HttpError(404, { error: `unknown call ${call.method} ${call.path}` });
    const body = call.method === "POST" ? await readObject(request) : {};
    sendJson(response, 200, await run(this.targets, body));
  }

  private isAuthorised({ headers }: IncomingMessage): boolean {
    const given = Buffer.from(headers.authorization ?? "");
    const wanted = Buffer.from(`Bearer ${this.token}`);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }
}

type Fields = Readonly<Record<string, unknown>>;

const routes: Readonly<Record<string, (targets: ControlTargets, body: Fields) => Promise<object>>> = {
  "POST /faults": async ({ faults }, body) => {
    setFault(faults, body);
    return { faults: faults.list() };
  },
  "DELETE /faults": async ({ faults }) => {
    faults.clear();
    return { faults: [] };
  },
  "POST /time": async (targets, { seconds }) => {
    if (!Number.isSafeInteger(seconds) || Number(seconds) < 1 || Number(seconds) > maxSeconds)
      throw bad("seconds is a whole number above 0");
    await targets.increaseTime(Number(seconds));
    return targets.state();
  },
  "POST /fund": async (targets, { address, amount }) => {
    if (typeof address !== "string" || !isAddressText(address))
      throw bad("address is 0x and 40 hex characters");
    await targets.fund(address, readAmount(amount));
    return {};
  },
  "POST /fine-tuning": async (targets, body) => {
    await targets.fineTuning(readPace(body));
    return {};
  },
  "POST /settle": async (targets) => {
    await targets.settle();
    return targets.state();
  },
  "GET /state": (targets) => targets.state(),
};

function setFault(faults: Faults, { target, fault, value, times }: Fields): void {
  if (typeof target !== "string" || typeof fault !== "string") throw bad("target and fault are texts");
  if (value !== undefined && !["string", "number", "boolean"].includes(typeof value))
    throw bad("value is a text, a number or a truth value");
  if (times !== undefined && typeof times !== "number") throw bad("times is a whole number above 0");
  try {
    faults.set(target, fault, value as FaultValue | undefined, times);
  } catch (error) {
    if (error instanceof BadFault) throw bad(error.message);
    throw error;
  }
}

/** An amount of 0G as decimal text ("12.5") or a whole number, in neuron. */
function readAmount(amount: unknown): bigint {
  const text = Number.isSafeInteger(amount) ? String(amount) : amount;
  if (typeof text !== "string") throw bad('amount is an amount of 0G as text, like "12.5"');
  try {
    return parseOg(text);
  } catch {
    throw bad('amount is an amount of 0G as text, like "12.5"');
  }
}

function readPace({ pace, deadlineSeconds, stopAt, holdCalls }: Fields): FineTuningPace {
  if (pace !== "fast" && pace !== "real") throw bad('pace is "fast" or "real"');
  if (
    deadlineSeconds !== undefined &&
    !(Number.isSafeInteger(deadlineSeconds) && Number(deadlineSeconds) > 0)
  )
    throw bad("deadlineSeconds is a whole number above 0");
  const stage = taskStages.find((name) => name === stopAt);
  if (stopAt !== undefined && stage === undefined) throw bad("stopAt is the name of a stage");
  if (holdCalls !== undefined && !(typeof holdCalls === "string" && /^(?:[A-Z]+ )?\/\S*$/.test(holdCalls)))
    throw bad("holdCalls is a part of a path, after a method or not");
  return {
    pace,
    ...(deadlineSeconds !== undefined && { deadlineSeconds: Number(deadlineSeconds) }),
    ...(stage !== undefined && { stopAt: stage }),
    ...(holdCalls !== undefined && { holdCalls }),
  };
}

async function readObject(request: IncomingMessage): Promise<Fields> {
  const body = await readBody(request, maxBody).catch((error: unknown) => {
    throw error instanceof BodyTooLarge ? new HttpError(413, { error: "the body is too large" }) : error;
  });
  try {
    const value: unknown = body.length > 0 ? JSON.parse(body.toString("utf8")) : {};
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  } catch {
    throw bad("the body is not JSON");
  }
  throw bad("the body is not a JSON object");
}

function bad(error: string): HttpError {
  return new HttpError(400, { error });
}
