// The script of a hashing thread, a bundle of its own: takes tasks in order and answers each.
import { parentPort } from "node:worker_threads";
import { HashDesk, type HashReply, type HashRequest } from "./hashTasks.js";

if (parentPort) {
  const port = parentPort;
  const desk = HashDesk.open();
  let last: Promise<void> = Promise.resolve();
  port.on("message", ({ id, task }: HashRequest) => {
    last = last.then(async () => {
      let reply: HashReply;
      try {
        reply = { id, hashes: await (await desk).run(task) };
      } catch (error) {
        reply = { id, problem: error instanceof Error ? error.message : String(error) };
      }
      port.postMessage(reply);
    });
  });
}
