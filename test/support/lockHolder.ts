// A process that takes a lock, says so, and lives until it is killed: `node --import tsx lockHolder.ts FOLDER NAME`.
import { createLocks } from "../../src/system/lock.js";

async function main([folder = "", name = ""]: string[]): Promise<void> {
  const lock = await createLocks(folder).lock(name);
  process.stdout.write(`${lock ? "held" : "refused"}\n`);
  setInterval(() => undefined, 1000);
}

void main(process.argv.slice(2));
