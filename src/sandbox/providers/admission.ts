// Who may be served: the checks of an official broker, in its order and with its words (spec inference.md 3.5 and 4.1).
import { checkSession, parseBearer } from "../../broker/wire/authCheck.js";
import type { IncomingMessage } from "node:http";
import { BodyTooLarge, HttpError, readBody } from "../loopback.js";
import type { AccountState, Marketplace } from "../marketplace.js";

export interface AdmissionOptions {
  /** The provider's address. */
  readonly provider: string;
  readonly market: Marketplace;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface AdmittedUser {
  /** As the token spells it. */
  readonly address: string;
  readonly account: AccountState | undefined;
}

const maxRequest = 32 * 1024 * 1024;
const reserve = 10n ** 18n;
const notAcknowledgedByUser =
  "user not acknowledge the provider, please use acknowledgeProviderSigner function in sdk first, it will take effect in 2 minutes";

/** A billed request's body; throws 413. */
export async function readBilledBody(request: IncomingMessage): Promise<Buffer> {
  return readBody(request, maxRequest).catch((error: unknown) => {
    if (!(error instanceof BodyTooLarge)) throw error;
    throw new HttpError(413, { error: "Request body size exceeds the maximum allowed size of 32MB" });
  });
}

/** Reads the token and the account it speaks for. The chain is asked each time, so a revocation counts at once. */
export async function checkToken(
  authorization: string | undefined,
  { provider, market, now }: AdmissionOptions,
): Promise<AdmittedUser> {
  const parsed = parseBearer(authorization);
  if (parsed.error !== undefined) throw refuse(`validate session: ${parsed.error}`);
  const { address } = parsed.bearer.token;
  const account = /^0x[0-9a-fA-F]{40}$/.test(address)
    ? await market.getAccount(address.toLowerCase(), provider)
    : undefined;
  const { generation = 0, revokedBitmap = 0n } = account ?? {};
  const state = { provider, now: now(), account: { generation, revokedBitmap } };
  const error = checkSession(parsed.bearer, state);
  if (error !== undefined) throw refuse(`validate session: ${error}`);
  return { address, account };
}

/** Whether both acknowledgements stand. Returns the account, which must be there. */
export async function checkAcknowledged(
  { account }: AdmittedUser,
  { provider, market }: AdmissionOptions,
): Promise<AccountState> {
  if (!account) throw refuse("validate request: get account from contract, account not exist");
  if (!account.isAcknowledged) throw refuse(notAcknowledgedByUser);
  const service = await market.getService(provider);
  if (!service?.teeSignerAcknowledged) throw refuse("service not acknowledge the tee signer");
  return account;
}

/** The balance rule: what is locked must cover the reserve of 1 0G, what is not settled yet, and this request. Neuron. */
export function checkBalance(
  account: AccountState,
  unsettled: bigint,
  estimated: bigint,
  provider: string,
): void {
  const locked = account.balance - account.pendingRefund;
  const needed = estimated + unsettled + reserve;
  if (locked >= needed) return;
  throw refuse(
    `insufficient balance: your locked balance is ${sixDecimals(locked)} 0G, but the required minimum is ${sixDecimals(needed)} 0G ` +
      `(breakdown: minimum reserve ${sixDecimals(reserve)} 0G + unsettled fees ${sixDecimals(unsettled)} 0G + ` +
      `current request fee ${sixDecimals(estimated)} 0G). Please add more funds with: ` +
      `0g-compute-cli transfer-fund --provider ${provider} --amount <amount> --service inference`,
  );
}

/** An amount of neuron in 0G with six decimals, rounded half up as the broker prints it. */
function sixDecimals(amount: bigint): string {
  const sign = amount < 0n ? "-" : "";
  const millionths = ((amount < 0n ? -amount : amount) + 5n * 10n ** 11n) / 10n ** 12n;
  const digits = millionths.toString().padStart(7, "0");
  return `${sign}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

/** Refusals on the proxy paths are 400, also those that other servers answer with 401 or 402. */
function refuse(error: string): HttpError {
  return new HttpError(400, { error });
}
