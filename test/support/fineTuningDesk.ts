// Fine-tuning against an HTTP server of the test's own: the chain says what the test says, everything else is real.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { hexlify, SigningKey, Wallet, computeAddress, keccak256 } from "ethers";
import type { FineTuningBroker } from "../../src/broker/fineTuning/api.js";
import { createFineTuning } from "../../src/broker/fineTuning/fineTuning.js";
import type { FineTuningDeps } from "../../src/broker/context.js";
import { contractInterface } from "../../src/broker/contracts/interfaces.js";
import { hashFileBothWays } from "../../src/broker/storage/hashFile.js";
import { Hasher } from "../../src/broker/storage/hasher.js";
import { encryptTo } from "../../src/broker/wire/fineTuning/ecies.js";
import { ModelFileEncryption } from "../../src/broker/wire/fineTuning/modelCipher.js";
import { ComputeError } from "../../src/domain/error.js";
import type { Address, ProviderId, TaskId } from "../../src/domain/ids.js";
import { networks } from "../../src/domain/networks.js";
import { fastClock, keepingLog } from "../conformance/ledgerSupport.js";

const user = new Wallet(`0x${"5".repeat(64)}`);
export const enclave = new Wallet(`0x${"6".repeat(64)}`);
export const provider = new Wallet(`0x${"7".repeat(64)}`).address as ProviderId;
export const taskId = "3e2911d9-cdbe-40c7-a074-784684015adb" as TaskId;

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  /** Milliseconds of the desk's clock. */
  readonly at: number;
}

export type Answer = (response: ServerResponse, seen: Seen, count: number) => void;

export interface ChainSays {
  url?: string;
  models?: string[];
  teeSigner?: string;
  root?: string;
  secret?: string;
  isAcknowledged?: boolean;
  isSettled?: boolean;
  hasAccount?: boolean;
  nonce?: bigint;
  /** Refuses `acknowledgeDeliverable` and counts it. */
  onSend?: (method: string) => void;
  /** ProviderTEESignerAcknowledged, oldest first. */
  signers?: { signer: string; timestamp: number; isAcknowledged?: boolean }[];
}

export class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), "fine-tuning-"));
  readonly seen: Seen[] = [];
  readonly log = keepingLog();
  readonly closing = new AbortController();
  readonly says: ChainSays = {};
  private server?: Server;

  constructor(readonly clock = fastClock(50)) {}

  /** Answers every request; without one nothing listens. */
  async open(answer: Answer): Promise<FineTuningBroker> {
    let count = 0;
    this.server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        const seen = { method, url, headers, body: Buffer.concat(pieces), at: this.clock.now() };
        this.seen.push(seen);
        answer(response, seen, ++count);
      });
      request.on("error", () => undefined);
    });
    const { server } = this;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.says.url ??= `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return createFineTuning(this.deps());
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  close(): void {
    this.closing.abort();
    this.server?.closeAllConnections();
    this.server?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private deps(): FineTuningDeps {
    const unexpected = (what: string) => () => Promise.reject(new Error(`${what} was not expected`));
    const refusing = <T extends object>(known: Partial<T>, what: string): T =>
      new Proxy(known as T, {
        get: (target, name) =>
          (target as Record<string | symbol, unknown>)[name] ?? unexpected(`${what}.${String(name)}`),
      });
    const base = {
      network: networks.sandbox,
      signer: { address: user.address as Address, key: () => Promise.resolve(user.privateKey) },
      clock: this.clock,
      log: this.log,
      fetch: globalThis.fetch,
      random: (bytes: number) => new Uint8Array(randomBytes(bytes)),
      closing: this.closing.signal,
    };
    const hasher = new Hasher(base);
    return {
      ...base,
      chain: refusing<FineTuningDeps["chain"]>(
        {
          read: async (contract, method) => {
            const data = this.encode(method);
            return contractInterface(contract as "fineTuning").decodeFunctionResult(method, data);
          },
          send: async ({ method }) => {
            this.says.onSend?.(method);
            return { hash: `0x${"1".repeat(64)}` as never, blockNumber: 1, fee: 0n as never };
          },
          latestBlock: async () => ({ number: this.says.signers?.length ?? 0, timestamp: 2_000_000_000 }),
          block: async (number) => ({ number, timestamp: this.says.signers?.[number - 1]?.timestamp ?? 0 }),
          logs: async (_, __, { from, to }) => {
            const event = contractInterface("fineTuning").getEvent("ProviderTEESignerAcknowledged")!;
            return (this.says.signers ?? []).flatMap(({ signer, isAcknowledged = true }, index) => {
              const { data, topics } = contractInterface("fineTuning").encodeEventLog(event, [
                provider,
                signer,
                isAcknowledged,
              ]);
              const blockNumber = index + 1;
              return blockNumber < from || blockNumber > to
                ? []
                : [{ blockNumber, data, topics, address: networks.sandbox.contracts.fineTuning }];
            });
          },
        },
        "chain",
      ),
      ledger: refusing<FineTuningDeps["ledger"]>(
        {
          limits: async () => ({ minTransfer: 10n ** 18n }) as never,
          getSubAccount: async () => undefined,
        },
        "ledger",
      ),
      storage: refusing<FineTuningDeps["storage"]>(
        {
          rootOf: (file, options) => hashFileBothWays(hasher, file, options ?? {}),
          isAvailable: async () => false,
        },
        "storage",
      ),
    };
  }

  private encode(method: string): string {
    const { says } = this;
    const methods = contractInterface("fineTuning");
    const service = [
      provider,
      says.url,
      [1, 2, 3, 4, "H200"],
      500_000_000_000n,
      false,
      says.models ?? [],
      says.teeSigner ?? enclave.address,
      true,
    ];
    const deliverable = [
      taskId,
      says.root,
      says.secret ?? "0x",
      says.isAcknowledged ?? false,
      1_900_000_000n,
      says.isSettled ?? false,
    ];
    const rejected = (reason: string) => new ComputeError("rejectedByChain", { reason, args: [] });
    switch (method) {
      case "getService":
        return methods.encodeFunctionResult(method, [service]);
      case "getAllServices":
        return methods.encodeFunctionResult(method, [[service]]);
      case "getDeliverable":
        if (says.root === undefined) throw rejected("DeliverableNotExists");
        return methods.encodeFunctionResult(method, [deliverable]);
      case "getDeliverables":
        return methods.encodeFunctionResult(method, [says.root === undefined ? [] : [deliverable]]);
      case "getAccount":
        if (says.hasAccount === false) throw rejected("AccountNotExists");
        return methods.encodeFunctionResult(method, [
          [user.address, provider, says.nonce ?? 0n, 10n ** 18n, 0n, [], "", [], 0, 0, 0, true],
        ]);
      default:
        throw new Error(`${method} was not expected`);
    }
  }
}

export interface SealedModel {
  readonly bytes: Buffer;
  readonly plain: Buffer;
  readonly keccak: string;
  /** For `encryptedSecret`. */
  readonly secret: string;
}

/** A model as an enclave delivers it. */
export function sealedModel(plain: Buffer, signer = enclave.privateKey): SealedModel {
  const key = randomBytes(32);
  const encryption = new ModelFileEncryption(key, randomBytes(12));
  const body = encryption.push(plain);
  const end = encryption.end();
  const header = end.header(new SigningKey(signer).sign(end.digest).serialized);
  const bytes = Buffer.concat([header, ...body, ...end.rest]);
  const secret = hexlify(encryptTo(new SigningKey(user.privateKey).publicKey, key));
  return { bytes, plain, keccak: keccak256(bytes), secret };
}

export function sayJson(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return (response) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
}

export function sayText(status: number, text: string): Answer {
  return (response) => response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(text);
}

/** Where a 32-byte digest was signed by the user. */
export const userAddress = computeAddress(user.privateKey) as Address;
