// One provider: an HTTP server that behaves like the network's official broker, and what it must remember.
import { STATUS_CODES, type Server } from "node:http";
import { parseAdditionalInfo } from "../../broker/wire/additionalInfo.js";
import type { Usage } from "../../domain/chat.js";
import { Emitter, type Event } from "../../domain/event.js";
import { chatFee } from "../../domain/pricing.js";
import { neuron } from "../../domain/money.js";
import type { Accounts, Key } from "../accounts.js";
import type { Attestor } from "../attestation/attestor.js";
import type { FaultHit, FaultName, Faults } from "../faults.js";
import {
  type Call,
  closeServer,
  createLoopbackServer,
  HttpError,
  isOwnHost,
  listen,
  sendJson,
} from "../loopback.js";
import type { Marketplace, Outgoing, ServiceParams } from "../marketplace.js";
import type { JobStore } from "../media/keptJob.js";
import type { AdmissionOptions } from "./admission.js";
import type { Backend } from "./backend.js";
import type { ProviderDefinition } from "./definition.js";
import { Enclave } from "./enclave.js";
import { Fees, type FeeStore } from "./fees.js";
import { type Admitted, RateLimiter, readLimits, refusal } from "./rateLimit.js";
import { findRoute, normalPath, type Route } from "./routes.js";
import { Signatures, type SignatureStore } from "./signatures.js";

/** What all providers of a sandbox share. */
export interface ProviderWorld {
  readonly accounts: Accounts;
  readonly market: Marketplace;
  readonly faults: Faults;
  readonly attestor: Attestor;
  /** The endpoints every broker has, whatever it sells. */
  readonly brokerRoutes: (provider: Provider) => readonly Route[];
  /** Who answers chat at this moment. */
  readonly backend: () => Backend;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Ends what is still being answered when the sandbox stops. */
  readonly signal: AbortSignal;
  readonly log: (message: string) => void;
}

/** What survives a restart of the sandbox. */
export interface ProviderStores {
  readonly fees?: FeeStore;
  readonly signatures?: SignatureStore;
  readonly jobs?: JobStore;
}

const exposed = [
  "ZG-Res-Key, Provider",
  "x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests",
  "x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens",
].join(", ");

export class Provider {
  readonly key: Key;
  readonly enclave: Enclave;
  readonly fees: Fees;
  readonly signatures: Signatures;
  /** Calls per route. */
  readonly counters: Record<string, number> = {};
  /** Those whose caller went before the end of the answer. */
  readonly left: Record<string, number> = {};
  private readonly limiter: RateLimiter;
  private readonly routes: readonly Route[];
  private readonly server: Server;
  private readonly listened = new Emitter<void>();
  private port = 0;

  /** It has its address from now on. */
  readonly onDidListen: Event<void> = this.listened.event;

  constructor(
    readonly definition: ProviderDefinition,
    readonly world: ProviderWorld,
    readonly stores: ProviderStores = {},
  ) {
    const { accounts, market, faults, attestor, now } = world;
    this.key = accounts.key(definition.account);
    this.enclave = new Enclave({
      ...{ definition, accounts, market },
      registration: () => this.registration(),
      revocation: () => this.revocation(),
      later: (ms, work) => void this.later(ms, work),
    });
    const teeSigner = () => this.enclave.teeSigner();
    this.fees = new Fees({ provider: this.key, teeSigner, market, store: stores.fees });
    this.signatures = new Signatures({
      target: this.address,
      enclave: this.enclave,
      faults,
      now,
      store: stores.signatures,
      routing: definition.identity
        ? () => ({
            providerType: "centralized",
            providerIdentity: definition.identity ?? "",
            tlsCertFingerprint: attestor.vendorFingerprint(),
          })
        : undefined,
    });
    this.limiter = new RateLimiter(now);
    this.routes = [...definition.routes(this), ...world.brokerRoutes(this)];
    this.server = createLoopbackServer(
      (call) => this.handle(call),
      (error) => {
        if (!this.signal.aborted) this.log(String(error));
      },
    );
  }

  get address(): string {
    return this.key.address;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get signal(): AbortSignal {
    return this.world.signal;
  }

  get sleep(): ProviderWorld["sleep"] {
    return this.world.sleep;
  }

  get admission(): AdmissionOptions {
    const { market, now } = this.world;
    return { provider: this.address, market, now };
  }

  backend(): Backend {
    return this.definition.backend ?? this.world.backend();
  }

  /** Neither keys nor what users wrote may go in here. */
  log(message: string): void {
    this.world.log(`provider ${this.address.slice(0, 6)}: ${message}`);
  }

  /** Listens, if it can on the port it had before. */
  async listen(port: number): Promise<void> {
    this.port = await listen(this.server, port);
    this.listened.fire();
  }

  /** What the contract is to say of this provider now. */
  service(): ServiceParams {
    const { serviceType, model, verifiability, inputPrice, outputPrice } = this.definition;
    return {
      serviceType,
      url: this.url,
      model,
      verifiability,
      inputPrice,
      outputPrice,
      additionalInfo: this.additionalInfo(),
      teeSignerAddress: this.enclave.teeSigner().address,
    };
  }

  /** The transactions that bring the contracts up to date with this provider; none when they are. */
  async registration(): Promise<Outgoing[]> {
    const { market, accounts } = this.world;
    const own = await market.registration(this.key, accounts.owner(), this.service());
    return [...own, ...((await this.definition.sideTrade?.registration(this)) ?? [])];
  }

  /** On every answer. */
  headers(): Record<string, string> {
    return {
      provider: this.address,
      "access-control-allow-origin": "*",
      "access-control-expose-headers": exposed,
    };
  }

  takes(fault: FaultName): FaultHit | undefined {
    return this.world.faults.take(this.address, fault);
  }

  strikes(fault: FaultName): boolean {
    return this.takes(fault) !== undefined;
  }

  /** Bills an answer by the provider's own formula. */
  charge(user: string, usage: Usage): void {
    const { inputPrice, outputPrice } = this.definition;
    const info = parseAdditionalInfo(this.additionalInfo());
    const prices = { inputPrice: neuron(inputPrice), outputPrice: neuron(outputPrice), info };
    this.fees.charge(user, chatFee(prices, usage).total);
  }

  /** Lets a billed request in, or throws 429 or 503. */
  admitRate(user: string): Admitted {
    const limit = this.takes("rate-limit");
    const older = this.takes("rate-limit-body");
    // Alone, the second fault is one plain refusal in the older style.
    if (older && !limit) throw refusal("Rate limit exceeded", 1, "30 requests/min", "text");
    return this.limiter.admit(
      user.toLowerCase(),
      limit ? readLimits(limit.value) : {},
      older ? "text" : "object",
    );
  }

  /** Before a billed request: the signer that the fault asks for, else the own one again. */
  async changeSigner(): Promise<void> {
    const hit = this.takes("rotate-signer");
    const lateMs = typeof hit?.value === "number" ? hit.value : 0;
    await this.enclave.use(hit !== undefined, hit?.value !== "unacknowledged", lateMs);
  }

  /** The other signer, whichever that is, in the middle of an answer. */
  async switchSigner(): Promise<void> {
    await this.enclave.use(!this.enclave.isUsingRotated());
  }

  async close(): Promise<void> {
    await closeServer(this.server);
  }

  private async later(ms: number, work: () => Promise<unknown>): Promise<void> {
    try {
      await this.sleep(ms, this.signal);
      await work();
    } catch (error) {
      if (!this.signal.aborted) this.log(String(error));
    }
  }

  private additionalInfo(): string {
    const { definition, world } = this;
    const isSeparated = definition.class === "separated";
    const image = world.attestor.image(definition);
    return JSON.stringify({
      VerifierURL: "",
      TEEVerifier: "dstack",
      TargetSeparated: definition.class !== "combined",
      TargetTeeAddress: isSeparated ? this.enclave.answerSigner().address : "",
      ImageName: image.name,
      ImageDigest: image.digest,
      ...(definition.identity && { ProviderType: "centralized", ProviderIdentity: definition.identity }),
      ...(definition.tiers && { tieredPricing: { tiers: definition.tiers } }),
      ...(definition.cacheDivisor && { cacheTokenBilling: { divisor: definition.cacheDivisor } }),
    });
  }

  private revocation(): Outgoing[] {
    const { market, accounts } = this.world;
    const { sideTrade } = this.definition;
    const own = market.revokeAcknowledgement(this.address, accounts.owner());
    return sideTrade ? [own, sideTrade.revocation(this)] : [own];
  }

  private async handle(call: Call): Promise<void> {
    const { request, response } = call;
    if (!isOwnHost(request)) throw new HttpError(403, { error: "this host name is not served" });
    for (const [name, value] of Object.entries(this.headers())) response.setHeader(name, value);
    if (call.method === "OPTIONS") return this.preflight(call);
    const path = normalPath(call.path);
    const found = findRoute(this.routes, call.method, path);
    const counter = `${call.method} ${found?.route.path ?? "other"}`;
    this.counters[counter] = (this.counters[counter] ?? 0) + 1;
    response.once("close", () => {
      if (!response.writableFinished) this.left[counter] = (this.left[counter] ?? 0) + 1;
    });
    if (await this.misbehave(call, path)) return;
    await this.definition.guard?.(this, call, path);
    if (found) return found.route.handle(call, found.parameters);
    if (path === "/v1/proxy" || path.startsWith("/v1/proxy/"))
      throw new HttpError(400, { error: "unsupported endpoint: endpoint not supported" });
    if (!this.definition.isNotFoundPlain) throw new HttpError(404, { error: "404 page not found" });
    response.writeHead(404, { "content-type": "text/plain" });
    response.end("404 page not found");
  }

  // Everything that costs money needs a bearer, so pages of other origins may ask as they may ask a real provider.
  private preflight({ response }: Call): void {
    response.writeHead(204, {
      "access-control-allow-methods": "GET, POST, OPTIONS",
      "access-control-allow-headers": "authorization, content-type",
      "access-control-max-age": "600",
    });
    response.end();
  }

  /**
   * Faults of the whole server. A value with a path in it ("/v1/models", "503 /v1/models") restricts them to paths that contain it.
   * True when the call is over.
   */
  private async misbehave({ request, response }: Call, path: string): Promise<boolean> {
    const take = (fault: FaultName) =>
      this.world.faults.take(this.address, fault, (value) => {
        const part = /\/\S*/.exec(typeof value === "string" ? value : "")?.[0];
        return part === undefined || path.includes(part);
      });
    if (take("refuse")) {
      request.socket.destroy();
      return true;
    }
    if (take("hang")) return true;
    const html = take("html");
    if (html) {
      response.writeHead(statusOf(html, 200), { "content-type": "text/html; charset=utf-8" });
      response.end("<!DOCTYPE html><html><body><h1>Welcome</h1><p>Nothing to see here.</p></body></html>");
      return true;
    }
    const status = take("status");
    if (!status) return false;
    const code = statusOf(status, 500);
    const text = STATUS_CODES[code] ?? "Unknown";
    sendJson(response, code, { error: code >= 500 ? text : text.toLowerCase() });
    return true;
  }
}

function statusOf({ value }: FaultHit, otherwise: number): number {
  const code = Number.parseInt(String(value), 10);
  return code >= 200 && code <= 599 ? code : otherwise;
}
