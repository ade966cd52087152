// A provider's rate limits (spec inference.md 4.1): off until a fault turns them on.
import type { FaultValue } from "../faults.js";
import { HttpError } from "../loopback.js";

export interface Limits {
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly concurrentPerUser?: number;
  readonly concurrent?: number;
}

/** Two ways in which brokers phrase a 429. */
export type BodyStyle = "object" | "text";

const burst = 10;

/**
 * The value of the fault `rate-limit`: a number of requests a minute, or a list like "requests=30,tokens=1000,user=5,all=20".
 * Without one, 30 requests a minute.
 */
export function readLimits(value: FaultValue | undefined): Limits {
  if (typeof value !== "string" || /^\d+$/.test(value))
    return { requestsPerMinute: Number(value === undefined || value === true ? 30 : value) };
  const numbers = new Map(
    value.split(",").map((pair): [string, number] => {
      const [name = "", count = ""] = pair.split("=");
      return [name.trim(), Number(count)];
    }),
  );
  return {
    requestsPerMinute: numbers.get("requests"),
    tokensPerMinute: numbers.get("tokens"),
    concurrentPerUser: numbers.get("user"),
    concurrent: numbers.get("all"),
  };
}

/** A bucket that fills continuously. It may go below zero when the cost is known only afterwards. */
class Bucket {
  private level: number;
  private at: number;

  constructor(
    private readonly perMinute: number,
    private readonly capacity: number,
    now: number,
  ) {
    this.level = capacity;
    this.at = now;
  }

  peek(now: number): number {
    this.level = Math.min(this.capacity, this.level + ((now - this.at) * this.perMinute) / 60_000);
    this.at = now;
    return this.level;
  }

  take(count: number): void {
    this.level -= count;
  }

  /** Whole seconds until `count` are there. */
  secondsUntil(count: number): number {
    if (this.perMinute <= 0) return 60;
    return Math.max(1, Math.ceil(((count - this.level) * 60) / this.perMinute));
  }
}

interface UserState {
  key: string;
  requests: Bucket;
  tokens: Bucket;
}

/** A request that was let in. */
export interface Admitted {
  /** State before the request, as the broker's headers tell it. */
  readonly headers: Readonly<Record<string, string>>;
  /** To be called once, with the tokens it used. */
  done(tokens: number): void;
}

export class RateLimiter {
  private readonly users = new Map<string, UserState>();
  private readonly running = new Map<string, number>();
  private runningInAll = 0;

  constructor(private readonly now: () => number) {}

  /** Lets a request in or throws the 429 or 503 of the broker. */
  admit(user: string, limits: Limits, style: BodyStyle): Admitted {
    const state = this.user(user, limits);
    const headers = { ...this.requests(state, limits, style), ...this.tokens(state, limits, style) };
    if (limits.concurrentPerUser !== undefined && this.runningOf(user) >= limits.concurrentPerUser)
      throw refusal("Rate limit exceeded", 1, `${limits.concurrentPerUser} concurrent requests`, style);
    if (limits.concurrent !== undefined && this.runningInAll >= limits.concurrent)
      throw new HttpError(503, {
        error: "Server is currently processing too many requests. Please try again later.",
      });
    if (limits.requestsPerMinute !== undefined) state.requests.take(1);
    this.count(user, 1);
    return {
      headers,
      done: (tokens) => {
        this.count(user, -1);
        if (limits.tokensPerMinute !== undefined) state.tokens.take(tokens);
      },
    };
  }

  private runningOf(user: string): number {
    return this.running.get(user) ?? 0;
  }

  private count(user: string, by: number): void {
    this.runningInAll += by;
    this.running.set(user, this.runningOf(user) + by);
  }

  private requests(state: UserState, limits: Limits, style: BodyStyle): Record<string, string> {
    const limit = limits.requestsPerMinute;
    if (limit === undefined) return {};
    const left = state.requests.peek(this.now());
    const seconds = state.requests.secondsUntil(1);
    if (left < 1) throw refusal("Rate limit exceeded", seconds, `${limit} requests/min`, style);
    return limitHeaders("requests", limit, left, state.requests.secondsUntil(Math.min(burst, limit)));
  }

  private tokens(state: UserState, limits: Limits, style: BodyStyle): Record<string, string> {
    const limit = limits.tokensPerMinute;
    if (limit === undefined) return {};
    const left = state.tokens.peek(this.now());
    if (left <= 0)
      throw refusal("Token rate limit exceeded", state.tokens.secondsUntil(1), `${limit} tokens/min`, style);
    return limitHeaders("tokens", limit, left, state.tokens.secondsUntil(limit));
  }

  // Other limits mean new buckets: a fault may be set again with another value.
  private user(user: string, limits: Limits): UserState {
    const { requestsPerMinute = 0, tokensPerMinute = 0 } = limits;
    const key = `${requestsPerMinute} ${tokensPerMinute}`;
    const known = this.users.get(user);
    if (known?.key === key) return known;
    const now = this.now();
    const state: UserState = {
      key,
      requests: new Bucket(requestsPerMinute, Math.min(burst, requestsPerMinute), now),
      tokens: new Bucket(tokensPerMinute, tokensPerMinute, now),
    };
    this.users.set(user, state);
    return state;
  }
}

function limitHeaders(unit: string, limit: number, left: number, seconds: number): Record<string, string> {
  return {
    [`x-ratelimit-limit-${unit}`]: String(limit),
    [`x-ratelimit-remaining-${unit}`]: String(Math.max(0, Math.floor(left))),
    [`x-ratelimit-reset-${unit}`]: `${seconds}s`,
  };
}

/** The 429 of a broker, in the newer or the older style; there is no Retry-After. */
export function refusal(what: string, seconds: number, limit: string, style: BodyStyle): HttpError {
  if (style === "text")
    return new HttpError(429, {
      error: `${what}. Please slow down and try again in ${seconds} seconds (limit: ${limit}).`,
    });
  const message = `${what}. Please wait ${seconds} seconds (limit: ${limit}).`;
  return new HttpError(429, { error: { type: "rate_limit_error", message } });
}
