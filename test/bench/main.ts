// `npm run bench`: figures of ours beside the official SDK's, in one run, on one sandbox. Asserts nothing about time.
//   npm run bench [-- NAME...]: only these topics
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { measureBigFile } from "./bigFile.js";
import { measureDecryption } from "./decryption.js";
import { measureEndpoint } from "./endpoint.js";
import { measureListing } from "./listing.js";
import { Market, userNamed } from "./market.js";
import { elapsed } from "./measure.js";
import { measureOverview } from "./overview.js";
import { startSandbox, takeProduct, type Product } from "./product.js";
import { measureQuestions } from "./questions.js";
import { Relay } from "./relay.js";
import { Sides } from "./sides.js";
import { measureSizes, measureStart } from "./sizes.js";
import { printTable, type Topic } from "./table.js";
import { measureRoot, measureTransfer } from "./storage.js";
import { measureToken } from "./token.js";
import { measureVerification } from "./verification.js";

const marketNames = ["questions", "verification", "token", "listing", "overview", "endpoint"];
/** Only when they are asked for: they take minutes, and the second 10 GB of disk. */
const largeName = "storageRootLarge";
const bigFileName = "bigFile";
const onlyAsked = [largeName, bigFileName];
const names = [
  ...marketNames,
  "storageRoot",
  "storageTransfer",
  "decryption",
  "sandboxStart",
  "sizes",
  ...onlyAsked,
];
const out = resolve(import.meta.dirname, "../out");
const providerCount = 200;
/** About what lies between a user and a node on another continent. */
const delayMs = 50;

async function main(): Promise<void> {
  // The SDK writes to the console, between our tables; these go to stdout themselves.
  for (const method of ["log", "warn", "info"] as const) console[method] = () => undefined;
  const wanted = process.argv.slice(2);
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) return fail(`"${unknown}" is no topic; there are ${names.join(", ")}.`);
  const isWanted = (name: string) =>
    wanted.length === 0 ? !onlyAsked.includes(name) : wanted.includes(name);
  const product = takeProduct();
  const topics: Topic[] = [];
  const take = async (name: string, measure: () => Promise<Topic>) => {
    if (!isWanted(name)) return;
    const topic = await measure();
    topics.push(topic);
    for (const table of topic.tables) process.stdout.write(printTable(table));
  };
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, load: loadavg() };
  const [load = 0] = machine.load;
  const advice =
    load > machine.cores ? "; busy: trust the ratios and the CPU times, not the milliseconds" : "";
  process.stdout.write(
    `Node ${machine.node}, ${machine.cores} cores (${machine.cpu}), load ${load.toFixed(1)}${advice}\n`,
  );
  try {
    if (marketNames.some(isWanted)) await measureNetwork(product, take);
    await take("storageRoot", () => measureRoot("storageRoot", product, 64, true));
    await take(largeName, () => measureRoot(largeName, product, 1024, false));
    await take("storageTransfer", () => measureTransfer(product, 64));
    await take("decryption", measureDecryption);
    await take(bigFileName, () => measureBigFile(product));
    await take("sandboxStart", () => measureStart(product));
    await take("sizes", async () => measureSizes(product));
  } finally {
    product.remove();
  }
  mkdirSync(out, { recursive: true });
  const report = { date: new Date().toISOString(), machine, topics: Object.fromEntries(topics.map(dataOf)) };
  writeFileSync(join(out, "bench.json"), `${JSON.stringify(report, null, 2)}\n`);
}

const dataOf = ({ name, data }: Topic) => [name, data] as const;

/** The topics that need a network, on one sandbox with many providers. */
async function measureNetwork(
  product: Product,
  take: (name: string, measure: () => Promise<Topic>) => Promise<void>,
): Promise<void> {
  const sandbox = await startSandbox(product);
  const relay = await Relay.start(sandbox.ready.rpcUrl);
  const sides = new Sides(product, sandbox);
  try {
    const market = new Market(sandbox.ready);
    const [one, many] = [userNamed("one sub-account"), userNamed("twenty sub-accounts")];
    const asking = userNamed("asking");
    const given = sandbox.ready.providers.map(({ address }) => address);
    let added: string[] = [];
    const setUpMs = await elapsed(async () => {
      added = (await market.fillUpTo(providerCount)).map(({ address }) => address);
    });
    await market.openAccounts(one, given.slice(0, 1));
    await market.openAccounts(many, [...given, ...added].slice(0, 20));
    await market.openAccounts(asking, given);
    const users = [
      { user: one, subAccounts: 1 },
      { user: many, subAccounts: 20 },
    ];
    await take("questions", () => measureQuestions({ sides, relay, user: asking }));
    await take("verification", () => measureVerification(sides, asking));
    await take("token", () => measureToken(sides, relay, asking));
    await take("listing", () =>
      measureListing({ sides, relay, user: asking, count: providerCount, setUpMs, delayMs }),
    );
    await take("endpoint", () => measureEndpoint(product, sandbox));
    await take("overview", () => measureOverview({ sides, relay, users, delayMs }));
  } finally {
    sides.close();
    relay.close();
    await sandbox.stop();
  }
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

main().catch((error: unknown) => fail((error instanceof Error && error.stack) || String(error)));
