// One of the processes that open the same state folder at the same moment. A thread, as two threads can be let go at once.
import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { StateDir } from "../../../src/sandbox/stateDir.js";

export interface Race {
  /** One a round; opened in this order. */
  readonly folders: readonly string[];
  readonly racers: number;
  /** How many racers are at the start of each round. */
  readonly gates: Int32Array;
}

const { folders, racers, gates } = workerData as Race;
const server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;
const outcomes: string[] = [];
for (const [round, folder] of folders.entries()) {
  Atomics.add(gates, round, 1);
  // Not Atomics.wait: to be woken takes longer than what is raced for.
  while (Atomics.load(gates, round) < racers);
  outcomes.push(
    await StateDir.open(folder, port).then(
      (dir) => {
        dir.erase(); // as with --fresh
        return "has it";
      },
      (error: Error) => error.message.replace(folder, "F"),
    ),
  );
}
parentPort?.postMessage(outcomes); // and listens on until it is ended: the others may still ask whether it is alive
