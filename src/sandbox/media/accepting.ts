// A billed request for pictures or a transcript, checked as an official broker checks it: token, acknowledgements, model, balance, rate.
import { type Call, HttpError } from "../loopback.js";
import { checkAcknowledged, checkBalance, checkToken, readBilledBody } from "../providers/admission.js";
import type { Provider } from "../providers/provider.js";
import type { Admitted } from "../providers/rateLimit.js";

export interface Accepted<T> {
  readonly user: string;
  /** As the client sent it: what is hashed (spec inference.md 6.4). */
  readonly body: Buffer;
  readonly contentType?: string;
  readonly order: T;
  readonly admitted: Admitted;
}

export interface Reading<T> {
  /** Throws HttpError for what cannot be made. */
  read(body: Buffer, contentType: string | undefined): T;
  modelOf(order: T): string | undefined;
  /** Neuron that must be there beforehand; 0 where brokers do not estimate (spec 4.1). */
  estimate(order: T): bigint;
}

export async function accept<T>(
  provider: Provider,
  { request }: Call,
  reading: Reading<T>,
): Promise<Accepted<T>> {
  const body = await readBilledBody(request);
  const user = await checkToken(request.headers.authorization, provider.admission);
  await provider.changeSigner();
  const account = await checkAcknowledged(user, provider.admission);
  const contentType = request.headers["content-type"];
  const order = reading.read(body, contentType);
  const { model } = provider.definition;
  const asked = reading.modelOf(order) ?? model;
  if (asked !== model)
    throw new HttpError(400, {
      error: `model not supported: requested '${asked}', only '${model}' is available for this service`,
    });
  checkBalance(account, provider.fees.unsettled(user.address), reading.estimate(order), provider.address);
  return { user: user.address, body, contentType, order, admitted: provider.admitRate(user.address) };
}

/** What the provider claims to have been asked: with the fault, something else. */
export function hashedRequest(provider: Provider, body: Buffer): Buffer {
  return provider.strikes("rewrite-request") ? Buffer.concat([body, Buffer.from(" ")]) : body;
}
