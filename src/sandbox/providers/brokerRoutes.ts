// The endpoints every broker has, whatever it sells (spec inference.md 2.3, 4, 6.1, 10).
import { sameAddress } from "../../domain/ids.js";
import type { FaultHit } from "../faults.js";
import { type Call, HttpError, sendJson } from "../loopback.js";
import { checkToken } from "./admission.js";
import type { Provider } from "./provider.js";
import type { Parameters, Route } from "./routes.js";

export function brokerRoutes(provider: Provider): readonly Route[] {
  const get = (path: string, handle: Route["handle"]): Route => ({ method: "GET", path, handle });
  return [
    get("/v1/models", async ({ request, response }) => {
      const names = await modelNames(provider, request.headers.authorization);
      const changed = {
        ...listIn(provider.takes("formats"), "supported_formats"),
        ...listIn(provider.takes("parameters"), "supported_parameters"),
      };
      const data = names.map((name) => ({ ...modelEntry(provider, name), ...changed }));
      sendJson(response, 200, { object: "list", data });
    }),
    get("/v1/quote", async ({ response }) => {
      const text = provider.world.attestor.brokerReport(provider, provider.takes("wrong-quote"));
      response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
      response.end(text);
    }),
    get("/v1/proxy/attestation/report", async ({ response, query }) => {
      if (provider.definition.class === "centralized") throw new HttpError(501, { error: "Not Implemented" });
      const nonce = query.get("nonce") ?? undefined;
      const report = provider.world.attestor.modelReport(provider, nonce, provider.takes("wrong-quote"));
      sendJson(response, 200, report);
    }),
    get("/v1/proxy/signature/{id}", async ({ response }, { id = "" }) =>
      sendJson(response, 200, provider.signatures.get(id)),
    ),
    get("/v1/user/{address}/unsettledfee", (call, parameters) => unsettledFee(provider, call, parameters)),
  ];
}

async function unsettledFee(
  provider: Provider,
  { request, response }: Call,
  { address = "" }: Parameters,
): Promise<void> {
  const user = await checkToken(request.headers.authorization, provider.admission);
  if (!sameAddress(user.address, address))
    throw new HttpError(403, { error: "the unsettled fee of another address is not shown" });
  const unsettledFee = provider.fees.unsettled(address).toString();
  sendJson(response, 200, { userAddress: user.address, unsettledFee });
}

/** What a fault has the models' entries say instead: names with commas between them. */
function listIn(hit: FaultHit | undefined, field: string): object {
  return hit?.value === undefined ? {} : { [field]: String(hit.value).split(",") };
}

/** Its own model and those of its shelf: with a session the user's own, without one everybody's. */
async function modelNames(provider: Provider, authorization: string | undefined): Promise<string[]> {
  const { model, models } = provider.definition;
  if (!models) return [model];
  const user = authorization === undefined ? undefined : await checkToken(authorization, provider.admission);
  return [model, ...models.names(user?.address)];
}

/** The entry of a model server's catalogue, with the network's additions. */
function modelEntry({ definition, world }: Provider, name: string): object {
  const { inputPrice, outputPrice, verifiability, identity, tiers, cacheDivisor } = definition;
  return {
    id: name,
    object: "model",
    created: 1_750_000_000,
    owned_by: "0g-compute-sandbox",
    ...definition.modelCard,
    pricing: {
      prompt: inputPrice.toString(),
      completion: definition.isPricedByImage ? "0" : outputPrice.toString(),
      image: definition.isPricedByImage ? outputPrice.toString() : "0",
      ...(tiers && {
        tiered_pricing: tiers.map((tier) => ({
          max_input_tokens: tier.maxInputTokens,
          input_multiplier: tier.inputMultiplier,
          output_multiplier: tier.outputMultiplier,
        })),
      }),
      ...(cacheDivisor && { cache_token_billing: { divisor: cacheDivisor } }),
    },
    verifiability,
    tee_attested: true,
    tee_type: "TDX",
    tee_verifier: "dstack",
    provider_type: identity ? "centralized" : "decentralized",
    ...(identity && {
      provider_identity: identity,
      provider_name: "Sandbox vendor (this machine)",
      serving_domain: world.attestor.vendorDomain(),
    }),
  };
}
