// The local endpoint in a process of its own: in life it shares none with the program that asks. Keys, journal, receipts and pins are on this
// machine's disk, as in the editor; so are all checks.
//   endpointHost.ts FOLDER: takes the ready line of a sandbox on its input, tells a `Served` line, and ends with its input.
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Emitter } from "../../src/domain/event.js";
import type { ProviderId } from "../../src/domain/ids.js";
import type { SandboxReady } from "../../src/domain/sandboxReady.js";
import { createSharedFolder } from "../../src/system/sharedFolder.js";
import { og } from "../support/builders.js";
import { TestEndpoint } from "../support/endpoint.js";
import { House, World } from "../support/house.js";

/** Two ways to the same model. */
export interface Served {
  readonly endpoint: Way;
  readonly provider: Way;
}

export interface Way {
  /** Before `/chat/completions`. */
  readonly url: string;
  readonly authorization: string;
}

async function main(disk: string): Promise<void> {
  const input = createInterface({ input: process.stdin });
  const [line] = (await once(input, "line")) as [string];
  const ended = new Emitter<string>();
  const running = {
    ready: JSON.parse(line) as SandboxReady,
    onDidExit: ended.event,
    isJoined: true,
    stop: async () => undefined,
  };
  const folder = (name: string) => createSharedFolder(join(disk, name));
  const world = Object.assign(new World(), {
    ...{ journal: folder("journal"), receipts: folder("receipts"), pins: folder("pins") },
    launcher: { start: async () => running },
  }) as unknown as World;
  const house = new House(world);
  const provider = house.chat.get(await house.trySandbox.run())?.provider as ProviderId;
  const endpoint = await new TestEndpoint(house, folder("endpoint")).start();
  const { text } = await endpoint.key({ budget: og("100") });
  const { inference } = await house.session.broker();
  const { url } = await inference.getService(provider);
  const { Authorization: authorization } = await inference.getRequestHeaders(provider);
  const served: Served = {
    endpoint: { url: endpoint.url, authorization: `Bearer ${text}` },
    provider: { url: `${url}/v1/proxy`, authorization },
  };
  process.stdout.write(`${JSON.stringify(served)}\n`);
  await once(input, "close");
  await endpoint.close();
  house.abandon();
}

void main(process.argv[2] ?? "").finally(() => process.exit());
