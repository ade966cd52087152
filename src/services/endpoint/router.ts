// Which of several providers is asked, and in which order: as preferred, but one conversation stays where it is, and who failed lately comes last.
import { isFresh, type Clock } from "../../domain/clock.js";
import { addressKey, type ProviderId } from "../../domain/ids.js";
import { sha256Hex } from "../../system/sha256.js";
import type { Asked } from "./asked.js";
import type { EndpointKey } from "./keyFile.js";
import { strengthOf, type ServedModel } from "./routing.js";

/** So long a provider that failed comes after the others; as long as it says itself, within reason. */
const restMs = 60_000;
const longestRestMs = 10 * 60_000;
/** Longer than providers keep what they read of a prompt for the next request. */
const conversationMs = 60 * 60_000;
const mostConversations = 1_000;

type About = Pick<Asked, "model" | "conversation">;

export class Router {
  private readonly resting = new Map<string, { readonly at: number; readonly ms: number }>();
  /** The one that was used last at the end. */
  private readonly conversations = new Map<string, { readonly provider: string; readonly at: number }>();

  constructor(private readonly clock: Clock) {}

  /**
   * The first is to be asked, each other one when all before it surely did not take the request. Not those where more people read along than at
   * the first, or at who has the conversation so far.
   */
  order(routes: readonly ServedModel[], key: EndpointKey, asked: About): readonly ServedModel[] {
    if (routes.length === 1) return routes;
    const before = this.lastOf(key, asked);
    const rank = ({ provider }: ServedModel) => {
      if (this.isResting(provider)) return 2;
      return addressKey(provider) === before ? 0 : 1;
    };
    const inTurn = [...routes].sort((a, b) => rank(a) - rank(b));
    const kept = notWeaker(
      inTurn,
      inTurn.find(({ provider }) => addressKey(provider) === before),
    );
    return notWeaker(kept, kept[0]);
  }

  /** It did not answer, not to its end, or said that it cannot now. */
  didFail(provider: ProviderId, seconds = restMs / 1000): void {
    const ms = Math.min(Math.max(seconds, 1) * 1000, longestRestMs);
    this.resting.set(addressKey(provider), { at: this.clock.now(), ms });
  }

  didAnswer(provider: ProviderId, key: EndpointKey, asked: About): void {
    this.resting.delete(addressKey(provider));
    const name = nameOf(key, asked);
    if (name === undefined) return;
    this.conversations.delete(name);
    this.conversations.set(name, { provider: addressKey(provider), at: this.clock.now() });
    const [oldest] = this.conversations.keys();
    if (this.conversations.size > mostConversations && oldest !== undefined)
      this.conversations.delete(oldest);
  }

  private isResting(provider: ProviderId): boolean {
    const rest = this.resting.get(addressKey(provider));
    return rest !== undefined && isFresh(rest.at, this.clock.now(), rest.ms);
  }

  private lastOf(key: EndpointKey, asked: About): string | undefined {
    const known = this.conversations.get(nameOf(key, asked) ?? "");
    return known && isFresh(known.at, this.clock.now(), conversationMs) ? known.provider : undefined;
  }
}

function notWeaker(routes: readonly ServedModel[], than: ServedModel | undefined): readonly ServedModel[] {
  return than ? routes.filter(({ service }) => strengthOf(service) >= strengthOf(than.service)) : routes;
}

/** A hash: nobody's words are kept. */
function nameOf({ id }: EndpointKey, { model, conversation }: About): string | undefined {
  if (conversation === undefined) return undefined;
  return sha256Hex(new TextEncoder().encode(JSON.stringify([id, model, conversation])));
}
