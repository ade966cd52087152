// A user of the sandbox with raw HTTP in the hand: money on chain, bearers, chats, signatures. Independent of our own broker.
import { Contract, JsonRpcProvider, parseEther, Wallet } from "ethers";
import { createHash, randomBytes } from "node:crypto";
import { type ContractName, contractInterface } from "../../src/broker/contracts/interfaces.js";
import {
  bearer,
  createSessionToken,
  type SessionRequest,
  signSession,
} from "../../src/broker/wire/sessionToken.js";
import type { SandboxReady } from "../../src/domain/sandboxReady.js";
import type { TestSandbox } from "./sandbox.js";

export type ReadyProvider = SandboxReady["providers"][number];

/** A whole answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly sent: Buffer;
  readonly body: Buffer;
  /** Network pieces as they arrived. */
  readonly pieces: readonly Uint8Array[];
  /** Header or, without one, the id in the body. */
  readonly chatId: string;
}

export interface SignatureAnswer {
  readonly text: string;
  readonly signature: string;
  readonly signing_address: string;
  readonly [more: string]: unknown;
}

export class SandboxUser {
  private constructor(
    readonly sandbox: TestSandbox,
    readonly wallet: Wallet,
    readonly rpc: JsonRpcProvider,
  ) {}

  /** A fresh wallet with `funds` 0G and, unless the amount is "0", a ledger. */
  static async create(sandbox: TestSandbox, funds = "100", ledger = "50"): Promise<SandboxUser> {
    const user = SandboxUser.connect(sandbox, Wallet.createRandom().privateKey);
    await sandbox.control.fund(user.wallet.address, funds);
    if (ledger !== "0") await user.send("ledger", "addLedger", ["{}"], parseEther(ledger));
    return user;
  }

  /** A wallet that is there already. */
  static connect(sandbox: TestSandbox, privateKey: string): SandboxUser {
    const { rpcUrl, chainId } = sandbox.ready;
    const rpc = new JsonRpcProvider(rpcUrl, chainId, {
      staticNetwork: true,
      cacheTimeout: -1,
      batchMaxCount: 1,
      pollingInterval: 50,
    });
    return new SandboxUser(sandbox, new Wallet(privateKey, rpc), rpc);
  }

  contract(name: ContractName): Contract {
    return new Contract(this.sandbox.ready.contracts[name], contractInterface(name), this.wallet);
  }

  async send(name: ContractName, call: string, args: unknown[], value = 0n): Promise<void> {
    const sent = await this.contract(name).getFunction(call)(...args, { value });
    await sent.wait();
  }

  /** Moves money to a provider, which also acknowledges its signer. */
  async pay(provider: ReadyProvider, amount = "2"): Promise<void> {
    const service = provider.serviceType === "fine-tuning" ? "fine-tuning-v1.0" : "inference-v1.0";
    await this.send("ledger", "transferFund", [provider.address, service, parseEther(amount)]);
  }

  /** An Authorization value for a provider. */
  bearer(provider: ReadyProvider, more: Partial<SessionRequest> = {}): string {
    const token = createSessionToken({
      address: this.wallet.address,
      provider: provider.address,
      now: Date.now(),
      mode: "ephemeral",
      generation: 0,
      revokedBitmap: 0n,
      nonce: randomBytes(16).toString("hex"),
      ...more,
    });
    return bearer(signSession(token, this.wallet.privateKey));
  }

  /** Posts a body as it is. */
  async post(provider: ReadyProvider, body: string | Buffer, options: PostOptions = {}): Promise<RawAnswer> {
    const { path = "/v1/proxy/chat/completions", authorization = this.bearer(provider) } = options;
    const sent = Buffer.from(body);
    const response = await fetch(provider.url + path, {
      method: "POST",
      headers: { "content-type": "application/json", authorization, "accept-encoding": "identity" },
      body: new Uint8Array(sent),
      signal: options.signal,
    });
    const pieces: Uint8Array[] = [];
    await readPieces(response, (piece) => pieces.push(piece));
    const received = Buffer.concat(pieces);
    const inBody = /"id":\s*"([^"]+)"/.exec(received.toString("utf8"))?.[1];
    const chatId = response.headers.get("zg-res-key") ?? inBody ?? "";
    return { status: response.status, headers: response.headers, sent, body: received, pieces, chatId };
  }

  /** A chat in the canonical form, which no provider has to rewrite. */
  chat(provider: ReadyProvider, question = "What is 0G Compute?", isStreamed = false): Promise<RawAnswer> {
    return this.post(provider, chatBody(question, isStreamed));
  }

  async signature(provider: ReadyProvider, { chatId }: RawAnswer): Promise<SignatureAnswer> {
    const response = await fetch(`${provider.url}/v1/proxy/signature/${chatId}?model=${provider.model}`);
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as SignatureAnswer;
  }

  close(): void {
    this.rpc.destroy();
  }
}

export interface PostOptions {
  readonly path?: string;
  readonly authorization?: string;
  readonly signal?: AbortSignal;
}

/** Keys sorted, no spaces, the model named, usage asked for. */
export function chatBody(question: string, isStreamed = false, model = "sandbox-chat"): string {
  const messages = [{ content: question, role: "user" }];
  if (!isStreamed) return JSON.stringify({ messages, model });
  return JSON.stringify({ messages, model, stream: true, stream_options: { include_usage: true } });
}

/** Hands over each piece of a body as it comes; rejects when the connection breaks. */
export async function readPieces({ body }: Response, take: (piece: Uint8Array) => unknown): Promise<void> {
  const reader = body?.getReader();
  for (let next = await reader?.read(); next?.value; next = await reader?.read()) take(next.value);
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** What was parsed and is looked into freely. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

/** The JSON objects of a stream. */
export function events(body: Buffer): Json[] {
  return body
    .toString("utf8")
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice(6)));
}

/** The text of an answer, streamed or not. */
export function textOf(body: Buffer): string {
  const text = body.toString("utf8");
  if (!text.startsWith("data:")) return JSON.parse(text).choices[0].message.content as string;
  return events(body)
    .map((event) => (event.choices[0]?.delta?.content as string | undefined) ?? "")
    .join("");
}
