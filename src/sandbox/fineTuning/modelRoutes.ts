// What can be tuned here (spec fine-tuning.md 3.2).
import { type Call, sendJson } from "../loopback.js";
import type { Route } from "../providers/routes.js";
import { baseModelCard, modelDescription } from "./baseModel.js";
import { refusal } from "./refusal.js";

export function modelRoutes(): readonly Route[] {
  const get = (path: string, handle: Route["handle"]): Route => ({ method: "GET", path, handle });
  return [
    get("/v1/model", async ({ response }) => sendJson(response, 200, [baseModelCard])),
    get("/v1/model/{model}", async ({ response }, { model = "" }) => {
      checkKnown(model);
      sendJson(response, 200, baseModelCard);
    }),
    get("/v1/model/desc/{model}", async (call, { model = "" }) => {
      checkKnown(model);
      sendDescription(call);
    }),
  ];
}

function checkKnown(model: string): void {
  if (model === baseModelCard.name || model.toLowerCase() === baseModelCard.hash) return;
  throw refusal(400, "get customized model", `Model ${model} not found`);
}

function sendDescription({ response }: Call): void {
  const bytes = modelDescription();
  response.writeHead(200, {
    "content-type": "application/zip",
    "content-disposition": `attachment; filename=${baseModelCard.name}.zip`,
    "content-length": bytes.length,
  });
  response.end(bytes);
}
