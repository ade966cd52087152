// How the network's brokers of fine-tuning say no: what they were doing, then why (spec fine-tuning.md 7.3, 18).
import { HttpError } from "../loopback.js";

export function refusal(status: number, step: string, why: string): HttpError {
  return new HttpError(status, { error: `Provider: ${step}: ${why}` });
}

/** The one refusal without a prefix. */
export function tooManyRequests(): HttpError {
  return new HttpError(429, { error: "Too many requests. Please try again later." });
}
