// What the local endpoint refuses by itself, and the form in which programs made for OpenAI read it. Sentences are made in view/.
import type { ComputeError, ErrorCode } from "../../domain/error.js";
import type { NetworkId } from "../../domain/networks.js";
import { silentMs } from "../providers/providers.js";

export type Refusal =
  | {
      readonly kind:
        | "foreignHost"
        | "foreignOrigin"
        | "noKey"
        | "wrongKey"
        | "bodyTooLarge"
        | "tooManyBodies"
        | "sandboxStopped";
    }
  | { readonly kind: "expired"; readonly label: string }
  | { readonly kind: "otherScope"; readonly label: string; readonly network: NetworkId }
  | { readonly kind: "unknownRoute"; readonly method: string; readonly path: string }
  | {
      readonly kind: "wrongMethod";
      readonly method: string;
      readonly path: string;
      /** The method that the path takes. */
      readonly takes: string;
    }
  | {
      readonly kind: "badBody";
      readonly why:
        "json" | "deep" | "fields" | "model" | "messages" | "count" | "twice" | "form" | "file" | "id";
      readonly name?: string;
    }
  | { readonly kind: "unknownModel" | "unknownNow" | "modelNotAllowed"; readonly model: string }
  | { readonly kind: "unknownAnswer" | "unknownJob"; readonly id: string };

/** Thrown inside the endpoint, and answered as it says. */
export class RefusalError extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.kind);
    this.name = "RefusalError";
  }
}

/** As OpenAI's errors: what a program shows, and what it looks at. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
}

/** How a refusal or an error of ours goes out. */
export interface ErrorForm {
  readonly status: number;
  readonly type: string;
  readonly code: string;
  readonly param?: string;
  /** Of a path that takes another method: a header of its own tells which. */
  readonly allow?: string;
  /** So soon it may be otherwise. */
  readonly retryAfterSeconds?: number;
}

const invalid = "invalid_request_error";

export function refusalForm(refusal: Refusal): ErrorForm {
  switch (refusal.kind) {
    case "foreignHost":
      return { status: 403, type: "permission_error", code: "foreign_host" };
    case "foreignOrigin":
      return { status: 403, type: "permission_error", code: "foreign_origin" };
    case "noKey":
    case "wrongKey":
      return { status: 401, type: invalid, code: "invalid_api_key" };
    case "expired":
      return { status: 401, type: invalid, code: "expired_api_key" };
    case "otherScope":
      return { status: 403, type: "permission_error", code: "other_network" };
    case "sandboxStopped":
      return { status: 503, type: "server_error", code: "sandbox_stopped" };
    case "unknownRoute":
      return { status: 404, type: invalid, code: "unknown_url" };
    case "wrongMethod":
      return { status: 405, type: invalid, code: "method_not_allowed", allow: refusal.takes };
    case "bodyTooLarge":
      return { status: 413, type: invalid, code: "body_too_large" };
    case "tooManyBodies":
      return { status: 429, type: "rate_limit_error", code: "too_many_bodies", retryAfterSeconds: 5 };
    case "badBody":
      return { status: 400, type: invalid, code: "invalid_body", ...paramOf(refusal) };
    case "unknownModel":
      return { status: 404, type: invalid, code: "model_not_found", param: "model" };
    case "unknownNow":
      return untold("model_not_known");
    case "modelNotAllowed":
      return { status: 403, type: "permission_error", code: "model_not_allowed", param: "model" };
    case "unknownJob":
      return { status: 404, type: invalid, code: "job_not_found", param: "id" };
    case "unknownAnswer":
      return { status: 404, type: invalid, code: "answer_not_found", param: "id" };
  }
}

function paramOf(facts: object): { readonly param?: string } {
  if ("name" in facts && typeof facts.name === "string") return { param: facts.name };
  const why = "why" in facts ? facts.why : undefined;
  return why === "model" || why === "messages" || why === "file" || why === "id" ? { param: why } : {};
}

/** Until a provider that did not tell its models is asked for them again. */
function untold(code: string): ErrorForm {
  return { status: 503, type: "server_error", code, param: "model", retryAfterSeconds: silentMs / 1000 };
}

/** Everything that is not here is a fault of ours, or of the network's. */
const forms: Partial<Record<ErrorCode, ErrorForm>> = {
  limitReached: { status: 429, type: "insufficient_quota", code: "insufficient_quota" },
  insufficientFunds: { status: 402, type: "insufficient_quota", code: "insufficient_funds" },
  noLedger: { status: 402, type: "insufficient_quota", code: "insufficient_funds" },
  rateLimited: { status: 429, type: "rate_limit_error", code: "rate_limit_exceeded" },
  notAcknowledged: { status: 403, type: "permission_error", code: "not_acknowledged" },
  privateOnly: { status: 403, type: "permission_error", code: "private_only" },
  enclaveChanged: { status: 403, type: "permission_error", code: "enclave_changed" },
  noWallet: { status: 403, type: "permission_error", code: "no_wallet" },
  walletLocked: { status: 403, type: "permission_error", code: "wallet_locked" },
  unknownProvider: { status: 404, type: invalid, code: "provider_not_found" },
  unknownServiceType: { status: 404, type: invalid, code: "service_not_supported" },
  providerUnavailable: { status: 502, type: "server_error", code: "provider_unavailable" },
  network: { status: 502, type: "server_error", code: "network" },
  unpriced: untold("price_not_known"),
  sandboxFailed: { status: 503, type: "server_error", code: "sandbox_failed" },
  cancelled: { status: 503, type: "server_error", code: "cancelled" },
};

export function errorForm({ code }: Pick<ComputeError, "code">): ErrorForm {
  return forms[code] ?? { status: 500, type: "server_error", code: "internal_error" };
}

export function errorBody({ type, code, param }: ErrorForm, message: string): ErrorBody {
  return { error: { message, type, param: param ?? null, code } };
}
