// What the local endpoint costs a program beside asking the provider itself: time to the first token and to the last, in one run. Keys,
// journal, receipts and pins are on this machine's disk, as in the editor; so are all checks.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Emitter } from "../../src/domain/event.js";
import type { ProviderId } from "../../src/domain/ids.js";
import { createSharedFolder } from "../../src/system/sharedFolder.js";
import { og } from "../support/builders.js";
import { TestEndpoint } from "../support/endpoint.js";
import { House, World } from "../support/house.js";
import { inTurn, stats } from "./measure.js";
import type { RunningSandbox } from "./product.js";
import { figure, type Topic } from "./table.js";

const rounds = 40;

interface Times {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly bytes: number;
}

export async function measureEndpoint(sandbox: RunningSandbox): Promise<Topic> {
  const disk = mkdtempSync(join(tmpdir(), "zg-endpoint-"));
  const folder = (name: string) => createSharedFolder(join(disk, name));
  const ended = new Emitter<string>();
  const running = {
    ready: sandbox.ready,
    onDidExit: ended.event,
    isJoined: true,
    stop: async () => undefined,
  };
  const world = Object.assign(new World(), {
    ...{ journal: folder("journal"), receipts: folder("receipts"), pins: folder("pins") },
    launcher: { start: async () => running },
  }) as unknown as World;
  const house = new House(world);
  const endpoint = new TestEndpoint(house, folder("endpoint"));
  try {
    const provider = house.chat.get(await house.trySandbox.run())?.provider as ProviderId;
    await endpoint.start();
    const { text: key } = await endpoint.key({ budget: og("100") });
    const broker = await house.session.broker();
    const { url } = await broker.inference.getService(provider);
    const { Authorization: bearer } = await broker.inference.getRequestHeaders(provider);
    const direct = () => ask(`${url}/v1/proxy`, bearer);
    const through = async () => {
      const asked = await ask(endpoint.url, `Bearer ${key}`);
      // The check of the answer goes on after its end: it must not be measured with the next one.
      await fetch(`${endpoint.url}/verify/${asked.id}`, { headers: { authorization: `Bearer ${key}` } });
      return asked;
    };
    const measured = await inTurn(rounds, { direct, through }, 8);
    return topicOf(measured.direct, measured.through);
  } finally {
    await endpoint.close();
    house.abandon();
    rmSync(disk, { recursive: true, force: true });
  }
}

async function ask(baseUrl: string, authorization: string): Promise<Times & { readonly id: string }> {
  const messages = [{ content: "What is 0G Compute?", role: "user" }];
  const options = { include_usage: true };
  const body = JSON.stringify({ messages, model: "sandbox-chat", stream: true, stream_options: options });
  const started = performance.now();
  const response = await fetch(`${baseUrl}/chat/completions`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json", "accept-encoding": "identity" },
    body,
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  let firstMs: number | undefined;
  let bytes = 0;
  const reader = response.body?.getReader();
  for (let next = await reader?.read(); next?.value; next = await reader?.read()) {
    firstMs ??= performance.now() - started;
    bytes += next.value.length;
  }
  const lastMs = performance.now() - started;
  return { firstMs: firstMs ?? lastMs, lastMs, bytes, id: response.headers.get("zg-res-key") ?? "" };
}

function topicOf(direct: readonly Times[], through: readonly Times[]): Topic {
  const times = (all: readonly Times[], which: "firstMs" | "lastMs") => all.map((one) => one[which]);
  const line = (what: string, which: "firstMs" | "lastMs") => {
    const [theirs, ours] = [times(direct, which), times(through, which)];
    const added = stats(ours).median - stats(theirs).median;
    return {
      cells: [what, figure(theirs), figure(ours), `${added.toFixed(2)} ms`],
      what,
      theirs,
      ours,
      added,
    };
  };
  const lines = [line("first byte of a streamed answer", "firstMs"), line("last byte", "lastMs")];
  return {
    name: "endpoint",
    tables: [
      {
        title: "The local endpoint beside the provider itself",
        head: ["median (min..max)", "provider", "endpoint", "added at p50"],
        rows: lines.map(({ cells }) => cells),
        notes: [
          `${rounds} rounds in turn, one request at a time; the provider is the sandbox in a process of its own, without pauses.`,
          "Client and endpoint share one process here. Every answer through the endpoint is reserved, settled and verified.",
        ],
      },
    ],
    data: lines.map(({ what, theirs, ours, added }) => ({
      ...{ what, unit: "ms", provider: stats(theirs), endpoint: stats(ours), added },
    })),
  };
}
