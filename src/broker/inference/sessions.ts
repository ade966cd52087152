// Ephemeral tokens, one per user and provider, kept while more than an hour is left (spec inference.md 3.2, 3.3, 12.5).
import { addressKey, type ProviderId } from "../../domain/ids.js";
import type { CallOptions } from "../call.js";
import type { InferenceDeps } from "../context.js";
import { requireSigner, signDigest } from "../wallet/signer.js";
import {
  bearer,
  createSessionToken,
  isReusable,
  sealSession,
  sessionDigest,
  sessionMessage,
  type SignedSession,
} from "../wire/sessionToken.js";
import { orCancelled } from "./signals.js";

/** Short, as a captured token is good until it expires; above the hour below which a token is not used again. */
const lifetimeMs = 2 * 3_600_000;

export class Sessions {
  private readonly kept = new Map<string, SignedSession>();
  private readonly running = new Map<string, Promise<SignedSession>>();

  constructor(private readonly deps: InferenceDeps) {}

  /** Throws `noWallet`. Reads the account's generation when a token is made; moves nothing. */
  async headers(provider: ProviderId, options: CallOptions = {}): Promise<{ Authorization: string }> {
    const key = this.key(provider);
    const known = this.kept.get(key);
    if (known && isReusable(known.token, this.deps.clock.now())) return { Authorization: bearer(known) };
    const making = this.running.get(key) ?? this.make(key, provider);
    return { Authorization: bearer(await orCancelled(making, options.signal)) };
  }

  /** After a refusal: the next token is made anew, with the generation the chain has then. Another bearer's refusal changes nothing. */
  forget(provider: ProviderId, refused: { readonly Authorization: string }): void {
    const key = this.key(provider);
    const known = this.kept.get(key);
    if (known && bearer(known) === refused.Authorization) this.kept.delete(key);
  }

  private make(key: string, provider: ProviderId): Promise<SignedSession> {
    const making = this.sign(provider)
      .then((session) => {
        this.kept.set(key, session);
        return session;
      })
      .finally(() => this.running.delete(key));
    this.running.set(key, making);
    return making;
  }

  private async sign(provider: ProviderId): Promise<SignedSession> {
    const { deps } = this;
    const signer = requireSigner(deps);
    const account = await deps.ledger.getSubAccount("inference", provider);
    const token = createSessionToken({
      address: signer.address,
      provider,
      now: deps.clock.now(),
      mode: "ephemeral",
      durationMs: lifetimeMs,
      generation: account?.generation ?? 0,
      revokedBitmap: account?.revokedBitmap ?? 0n,
      nonce: Buffer.from(deps.random(16)).toString("hex"),
    });
    return sealSession(token, await signDigest(signer, sessionDigest(sessionMessage(token))));
  }

  private key(provider: ProviderId): string {
    return `${addressKey(requireSigner(this.deps).address)} ${addressKey(provider)}`;
  }
}
