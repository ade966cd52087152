// Adapters over HTTP (spec fine-tuning.md 14, inference.md 9). Every call carries the session header of inference.
import type { AdapterState } from "../../domain/fineTuning.js";
import { sameAddress } from "../../domain/ids.js";
import { type Call, HttpError, sendJson } from "../loopback.js";
import { checkToken } from "../providers/admission.js";
import type { Provider } from "../providers/provider.js";
import type { Parameters, Route } from "../providers/routes.js";
import { adapterJson, type AdapterRecord } from "./adapters.js";
import { readJson } from "./requests.js";
import type { Workshop } from "./workshop.js";

const deployable: ReadonlySet<AdapterState> = new Set(["ready", "offloaded", "archived"]);

export function adapterRoutes(provider: Provider, workshop: Workshop): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/v1/lora/adapters",
      handle: async (call) => {
        await authorise(provider, call);
        sendJson(call.response, 200, { adapters: workshop.adapters.all().map(adapterJson) });
      },
    },
    {
      method: "GET",
      path: "/v1/lora/adapters/{name}",
      handle: async (call, { name = "" }: Parameters) => {
        await authorise(provider, call);
        sendJson(call.response, 200, adapterJson(find(workshop, name)));
      },
    },
    {
      method: "POST",
      path: "/v1/lora/adapters/deploy",
      handle: (call) => deploy(provider, workshop, call),
    },
  ];
}

async function deploy(provider: Provider, workshop: Workshop, call: Call): Promise<void> {
  const user = await authorise(provider, call);
  const { adapterName: name, taskId, baseModel } = await readJson(call, "deploy adapter");
  const isNamed = typeof name === "string" && name !== "";
  const isOfTask = typeof taskId === "string" && taskId !== "" && typeof baseModel === "string";
  if (!isNamed && !(isOfTask && baseModel !== ""))
    throw new HttpError(400, { error: "either adapterName, or taskId and baseModel, is required" });
  const adapter = find(workshop, isNamed ? name : String(taskId));
  if (!sameAddress(adapter.userAddress, user))
    throw new HttpError(403, { error: "the adapter belongs to another user" });
  const { adapterName, state } = adapter;
  if (!deployable.has(state))
    throw new HttpError(409, { error: `adapter ${adapterName} cannot be deployed in state ${state}` });
  workshop.adapters.deploy(adapter);
  const message = `Adapter ${adapterName} is being deployed`;
  sendJson(call.response, 200, { status: "deploying", adapterName, message });
}

function find({ adapters }: Workshop, name: string): AdapterRecord {
  const adapter = adapters.find(name);
  if (!adapter) throw new HttpError(404, { error: `adapter not found: ${name}` });
  return adapter;
}

/** The user of the session; here a bad one is 401. */
async function authorise(provider: Provider, { request }: Call): Promise<string> {
  try {
    return (await checkToken(request.headers.authorization, provider.admission)).address;
  } catch (error) {
    if (error instanceof HttpError) throw new HttpError(401, error.body);
    throw error;
  }
}
