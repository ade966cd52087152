// POST /v1/proxy/chat/completions as an official broker serves it (spec inference.md 4.1, 5, 6.4): check, rewrite, forward, meter, sign.
import { randomUUID } from "node:crypto";
import { canonicalJson } from "../../broker/wire/canonicalJson.js";
import { ChatStream, parsePlainAnswer, readUsage } from "../../broker/wire/chatAnswer.js";
import { countWords } from "../../domain/words.js";
import type { ChatAnswer } from "../../broker/wire/chatAnswer.js";
import { parseJsonObject } from "../../broker/wire/json.js";
import { pythonJson } from "../../broker/wire/pythonJson.js";
import { rewriteRequest } from "../../broker/wire/requestRewrite.js";
import type { Usage } from "../../domain/chat.js";
import { type Call, HttpError } from "../loopback.js";
import { checkAcknowledged, checkBalance, checkToken, readBilledBody } from "./admission.js";
import { type Backend, type BackendAnswer, BackendDown, modelError } from "./backend.js";
import { startDelivery } from "./delivery.js";
import { lines, renameModel } from "./lines.js";
import type { Provider } from "./provider.js";
import type { Admitted } from "./rateLimit.js";

/** What is still read of an answer once nobody waits for it. */
const maxUnread = 10 * 1024 * 1024;
/** Pieces of a stream that go out before the fault changes the signer. */
const piecesBeforeSwitch = 3;

/** A request that may be served: what is forwarded is also what is hashed. */
interface Accepted {
  readonly user: string;
  readonly forwarded: Uint8Array;
  readonly isStreamed: boolean;
  /** The name of the model in the answer. */
  readonly model: string;
  /** Undefined: nobody knows the model that was asked for. */
  readonly backend: Backend | undefined;
  readonly admitted: Admitted;
}

export function chatCompletions(provider: Provider): (call: Call) => Promise<void> {
  return async (call) => {
    const accepted = await accept(provider, call);
    let tokens = 0;
    try {
      const usage = await answer(provider, call, accepted);
      tokens = usage.promptTokens + usage.completionTokens;
    } finally {
      accepted.admitted.done(tokens);
    }
  };
}

async function accept(provider: Provider, { request }: Call): Promise<Accepted> {
  const body = await readBilledBody(request);
  const user = await checkToken(request.headers.authorization, provider.admission);
  await provider.changeSigner();
  const account = await checkAcknowledged(user, provider.admission);
  const { model } = provider.definition;
  const asked = parseJsonObject(body.toString("utf8"));
  if (!asked) throw new HttpError(400, { error: "invalid request body: not a JSON object" });
  const isOwn = asked.model === undefined || asked.model === model;
  const tuned = isOwn
    ? undefined
    : await provider.definition.models?.backend(String(asked.model), user.address);
  const isModelEnforced = provider.definition.class !== "combined";
  if (isModelEnforced && !isOwn)
    throw new HttpError(400, {
      error: `model not supported: requested '${String(asked.model)}', only '${model}' is available for this service`,
    });
  checkBalance(account, provider.fees.unsettled(user.address), 0n, provider.address);
  const admitted = provider.admitRate(user.address);
  const forwarded = rewriteRequest(body, { isModelEnforced, configuredModel: model });
  return {
    user: user.address,
    forwarded: provider.strikes("rewrite-request") ? rewriteAtWill(forwarded) : forwarded,
    isStreamed: asked.stream === true,
    model: tuned ? String(asked.model) : model,
    backend: tuned ?? (isOwn ? provider.backend() : undefined),
    admitted,
  };
}

/** A change that no rule explains. */
function rewriteAtWill(body: Uint8Array): Uint8Array {
  const request = parseJsonObject(Buffer.from(body).toString("utf8"));
  return Buffer.from(canonicalJson({ ...request, user: "rewritten by the provider" }));
}

async function answer(provider: Provider, call: Call, accepted: Accepted): Promise<Usage> {
  const model = parseJsonObject(Buffer.from(accepted.forwarded).toString("utf8"))?.model;
  const backendAnswer = accepted.backend
    ? await ask(provider, accepted.backend, accepted)
    : modelError(404, `The model \`${String(model)}\` does not exist.`);
  const isStream = backendAnswer.contentType.startsWith("text/event-stream");
  const isGood = backendAnswer.status >= 200 && backendAnswer.status < 300;
  return (isGood && isStream ? stream : plain)(provider, call, accepted, backendAnswer);
}

async function ask(
  provider: Provider,
  backend: Backend,
  { forwarded, isStreamed }: Accepted,
): Promise<BackendAnswer> {
  try {
    return await backend.chat(forwarded, isStreamed, provider.signal);
  } catch (error) {
    if (!(error instanceof BackendDown)) throw error;
    provider.log(error.message);
    throw new HttpError(502, { error: "Bad Gateway" });
  }
}

const noUsage: Usage = { promptTokens: 0, completionTokens: 0 };

async function plain(
  provider: Provider,
  { response }: Call,
  accepted: Accepted,
  { status, contentType, body }: BackendAnswer,
): Promise<Usage> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  const received = Buffer.concat(parts);
  if (status < 200 || status > 299) {
    response.writeHead(status, { ...provider.headers(), "content-type": contentType });
    response.end(received);
    return noUsage;
  }
  const renamed = renameModel(received, accepted.model);
  // The model's own proxy signs what Python's json.dumps makes of the answer (spec 6.4): ours also delivers it in that form.
  const isDumped = provider.definition.class === "separated";
  const delivered = isDumped ? Buffer.from(pythonJson(renamed.toString("utf8")) ?? renamed) : renamed;
  const read = parsePlainAnswer(delivered);
  const { id, headers } = identify(provider, accepted);
  if (provider.strikes("switch-signer-mid-stream")) await provider.switchSigner();
  sign(provider, id ?? read?.id, accepted, delivered);
  const usage = charge(provider, accepted, read);
  response.writeHead(status, {
    ...headers,
    "content-type": contentType,
    "content-length": delivered.length,
  });
  const delivery = startDelivery(provider, response);
  await delivery.write(delivered);
  delivery.end();
  return usage;
}

async function stream(
  provider: Provider,
  { response }: Call,
  accepted: Accepted,
  { contentType, status, body }: BackendAnswer,
): Promise<Usage> {
  const { id, headers } = identify(provider, accepted);
  response.writeHead(status, { ...headers, "content-type": contentType, "cache-control": "no-cache" });
  response.flushHeaders();
  const delivery = startDelivery(provider, response);
  const read = new ChatStream();
  const signed: Uint8Array[] = [];
  const closing: Uint8Array[] = [];
  let pieces = 0;
  let unread = 0;
  let isSwitching = provider.strikes("switch-signer-mid-stream");
  try {
    for await (const line of lines(body)) {
      const bytes = renameModel(line, accepted.model);
      signed.push(bytes);
      read.push(bytes);
      // What ends the answer waits until the signature is there: nobody can then ask for it too early.
      if (closing.length > 0 || isDone(bytes)) closing.push(bytes);
      else await delivery.write(bytes);
      if (isSwitching && ++pieces > piecesBeforeSwitch) {
        isSwitching = false;
        await provider.switchSigner();
      }
      if (delivery.isGone && (unread += bytes.length) > maxUnread) break;
    }
  } catch (error) {
    // The model's server broke off: what was generated is billed, and there is no whole answer to sign.
    provider.log(`the answer broke off: ${(error as Error).message}`);
    const usage = charge(provider, accepted, read.answer);
    response.destroy();
    return usage;
  }
  read.end();
  if (isSwitching) await provider.switchSigner();
  sign(provider, id ?? read.answer.id, accepted, Buffer.concat(signed));
  const usage = charge(provider, accepted, read.answer);
  for (const bytes of closing) await delivery.write(bytes);
  delivery.end();
  return usage;
}

function isDone(line: Buffer): boolean {
  return /^data:\s*\[DONE\]/.test(line.toString("utf8"));
}

/** A separated provider names no id: its model's proxy keys the signature by the completion's own. */
function identify(
  provider: Provider,
  { admitted }: Accepted,
): { id?: string; headers: Record<string, string> } {
  const headers = { ...provider.headers(), ...admitted.headers, "X-Accel-Buffering": "no" };
  if (provider.definition.class === "separated") return { headers };
  const id = randomUUID();
  return { id, headers: { ...headers, "ZG-Res-Key": id } };
}

function sign(provider: Provider, id: string | undefined, accepted: Accepted, delivered: Uint8Array): void {
  if (id !== undefined) provider.signatures.sign(id, accepted.forwarded, delivered);
}

/** Before the end of the answer goes out: whoever has a whole answer owes for it, even if this process dies the moment after. */
function charge(provider: Provider, { user }: Accepted, answer: ChatAnswer | undefined): Usage {
  const usage = usageOf(answer);
  provider.charge(user, usage);
  return usage;
}

/** What the model's server counted, else the words of the answer (spec 6.6). */
function usageOf(answer: ChatAnswer | undefined): Usage {
  const completionTokens = countWords(`${answer?.reasoning ?? ""} ${answer?.content ?? ""}`);
  return readUsage(answer?.rawUsage) ?? { promptTokens: 0, completionTokens };
}
