// The local endpoint at a glance: whether it runs, its keys with what they spent, and what can be done with each.
import * as vscode from "vscode";
import type { EndpointKey } from "../../services/endpoint/keyFile.js";
import type { Standing } from "../../services/endpoint/sharedEndpoint.js";
import { scopeKey } from "../../services/wallets/scope.js";
import type { Entry } from "../../view/choice.js";
import { configurationFor, programChoices } from "../../view/endpoint/endpointConfigurations.js";
import { chatModels, keyEntry, modelEntries } from "../../view/endpoint/endpointRows.js";
import { endpointTitle, startedText } from "../../view/endpoint/endpointStatus.js";
import { revokeConfirmation } from "../../view/endpoint/endpointTexts.js";
import { cleanText } from "../../view/text.js";
import type { App } from "../app.js";
import { lendToClipboard } from "../clipboard.js";
import { showInformation, showWarning } from "../notices.js";
import { pickOne } from "../questions.js";
import { t } from "../translate.js";
import { createEndpointKey } from "./creating.js";
import type { LocalEndpoint } from "./localEndpoint.js";

export async function startEndpoint(app: App, endpoint: LocalEndpoint): Promise<boolean> {
  await endpoint.shared.start();
  const hasKey = (await keysHere(app, endpoint)).length > 0;
  const create = t("Create key");
  const copy = t("Copy configuration");
  const { standing } = endpoint.shared;
  // Not waited for: it runs.
  void showInformation(
    startedText(standing, endpoint.service.usualPort, t),
    ...(hasKey ? [copy] : [create]),
  ).then(async (picked) => {
    if (picked === create) await vscode.commands.executeCommand("zgCompute.createEndpointKey");
    if (picked === copy) await vscode.commands.executeCommand("zgCompute.copyEndpointConfiguration");
  });
  return true;
}

export async function stopEndpoint(_: App, endpoint: LocalEndpoint): Promise<boolean> {
  await endpoint.shared.stop();
  return true;
}

type Item = Entry & { readonly key?: EndpointKey; readonly run?: () => unknown };

export async function showEndpoint(app: App, endpoint: LocalEndpoint): Promise<void> {
  endpoint.alarm.lookedAt();
  const { standing } = endpoint.shared;
  const items: Item[] = [
    ...(await keyItems(app, endpoint)),
    { icon: "add", label: t("Create key"), run: () => createEndpointKey(app, endpoint) },
    ...runItems(app, endpoint, standing),
  ];
  const title = endpointTitle(standing, t);
  const picked = await pickOne(items, { title, matchOnDescription: true, matchOnDetail: true });
  if (picked?.key) await showKey(app, endpoint, picked.key);
  else await picked?.run?.();
}

function runItems(app: App, endpoint: LocalEndpoint, standing: Standing): Item[] {
  const { kind } = standing;
  const command = (id: string) => () => vscode.commands.executeCommand(id);
  const start = command("zgCompute.startEndpoint");
  const stop = () => endpoint.shared.stop();
  switch (kind) {
    case "off":
      return [{ icon: "play", label: t("Start local endpoint"), run: start }];
    case "blocked":
      return [
        {
          icon: "play",
          label: standing.port === undefined ? t("Start local endpoint") : t("Start it on another port"),
          run: start,
        },
        {
          icon: "settings-gear",
          label: t("Open settings"),
          run: () => vscode.commands.executeCommand("zgCompute.openSettings", "zgCompute.endpoint.port"),
        },
        { icon: "debug-stop", label: t("Stop local endpoint"), run: stop },
      ];
    default:
      return [
        { icon: "copy", label: t("Copy configuration"), run: () => copyConfiguration(app, endpoint) },
        {
          icon: "debug-stop",
          label: t("Stop local endpoint"),
          ...(kind === "elsewhere" ? { detail: t("In the other window.") } : {}),
          run: stop,
        },
      ];
  }
}

async function keyItems(app: App, { keys, usage, service }: LocalEndpoint): Promise<Item[]> {
  const { journal, session, clock } = app;
  const now = session.tryScope();
  return Promise.all(
    (await keys.list()).map(async (key) => {
      await journal.refresh(key.scope);
      const isUsable = now !== undefined && scopeKey(now) === scopeKey(key.scope);
      const facts = { key, usage: await usage.of(key.id), spent: service.spentWith(key) };
      return { ...keyEntry({ ...facts, isUsable }, clock.now(), t), key };
    }),
  );
}

async function showKey(app: App, endpoint: LocalEndpoint, key: EndpointKey): Promise<void> {
  const items: Item[] = [
    { icon: "copy", label: t("Copy key"), run: () => copyKey(endpoint, key) },
    ...(endpoint.url === undefined
      ? []
      : [
          {
            icon: "file-code",
            label: t("Copy configuration"),
            run: () => copyConfiguration(app, endpoint, key),
          },
        ]),
    {
      icon: "trash",
      label: t("Revoke key"),
      detail: t("At once, for every program that has it."),
      run: async () => {
        if (await app.dialogs.confirm(revokeConfirmation(key.label, t))) await endpoint.keys.revoke(key.id);
      },
    },
    ...modelEntries(await endpoint.usage.of(key.id), t),
  ];
  const picked = await pickOne(items, { title: cleanText(key.label, 60) });
  await picked?.run?.();
}

async function copyKey({ keys }: LocalEndpoint, { id }: EndpointKey): Promise<void> {
  const text = await keys.copyText(id);
  if (text === undefined)
    return void showWarning(t("This key is not in the system's keychain. Revoke it and create another."));
  await lendToClipboard(text);
  void showInformation(t("The key is in the clipboard for one minute."));
}

/** Program, model, and whether the key shall stand in it. */
export async function copyConfiguration(
  app: App,
  endpoint: LocalEndpoint,
  given?: EndpointKey,
): Promise<boolean> {
  const title = t("Copy configuration of local endpoint");
  if (endpoint.url === undefined) await endpoint.shared.start();
  const program = await pickOne(programChoices(t), { title, placeHolder: t("For which program?") });
  const model = program && (await pickModel(endpoint, title, given));
  if (!program || model === undefined) return false;
  const key = await pickKey(app, endpoint, title, given);
  if (key === undefined) return false;
  const text = key === "placeholder" ? undefined : await endpoint.keys.copyText(key.id);
  const connection = { url: endpoint.url ?? "", model, ...(text === undefined ? {} : { key: text }) };
  const configuration = configurationFor(program.value, connection);
  if (text !== undefined) await lendToClipboard(configuration);
  else await vscode.env.clipboard.writeText(configuration);
  void showInformation(
    text === undefined
      ? t("The configuration is in the clipboard, with a placeholder for the key.")
      : t("The configuration with its key is in the clipboard for one minute."),
  );
  return true;
}

async function pickModel(
  { service }: LocalEndpoint,
  title: string,
  key: EndpointKey | undefined,
): Promise<string | undefined> {
  const names = chatModels(await service.models(key));
  if (names.length < 2) return names[0] ?? key?.models?.[0]?.model ?? "model";
  const entries = names.map((label) => ({ label, name: label }));
  return (await pickOne(entries, { title, placeHolder: t("Which model?") }))?.name;
}

async function pickKey(
  app: App,
  endpoint: LocalEndpoint,
  title: string,
  given: EndpointKey | undefined,
): Promise<EndpointKey | "placeholder" | undefined> {
  const keys = given ? [given] : await keysHere(app, endpoint);
  const entries = [
    { label: t("With a placeholder for the key"), value: "placeholder" as const },
    ...keys.map((key) => ({ label: t("With the key “{0}”", cleanText(key.label, 60)), value: key })),
  ];
  return (await pickOne(entries, { title }))?.value;
}

/** Those of the wallet and the network in use. */
async function keysHere({ session }: App, { keys }: LocalEndpoint): Promise<readonly EndpointKey[]> {
  const scope = session.tryScope();
  return (await keys.list()).filter((key) => scope && scopeKey(key.scope) === scopeKey(scope));
}
