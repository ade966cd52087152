// The official command line tool, as published, as a user of a sandbox.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Wallet } from "ethers";
import { type TestSandbox, withoutNodeOptions } from "./sandbox.js";

const packageFolder = join(import.meta.dirname, "../../node_modules/@0gfoundation/0g-compute-ts-sdk");
const cli = join(packageFolder, "cli.commonjs/cli/index.js");
const storageClientHere = join(import.meta.dirname, "storageClientHere.cjs");

/** Of the official package. */
export function officialVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
  return String(version);
}

export class OfficialCli {
  /** Whether its storage client finds the sandbox's storage; else it fails, as on systems it is not made for. */
  hasStorage = false;

  private constructor(
    private readonly sandbox: TestSandbox,
    /** A home of its own: the tool reads its key from a file there and nowhere else. */
    readonly home: string,
    readonly wallet: Wallet,
  ) {}

  /** With 100 0G in its wallet. */
  static async create(sandbox: TestSandbox): Promise<OfficialCli> {
    const home = mkdtempSync(join(tmpdir(), "official-home-"));
    const wallet = new Wallet(Wallet.createRandom().privateKey);
    await sandbox.control.fund(wallet.address, "100");
    mkdirSync(join(home, ".0g-compute-cli"));
    const config = { privateKey: wallet.privateKey, rpcEndpoint: sandbox.ready.rpcUrl, network: "custom" };
    writeFileSync(join(home, ".0g-compute-cli/config.json"), JSON.stringify(config));
    return new OfficialCli(sandbox, home, wallet);
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }

  /** Runs the tool to its end; its tables wrap addresses, so white space and borders are taken out of `flat`. */
  async run(...args: string[]): Promise<{ text: string; flat: string }> {
    const { code, text } = await this.attempt(...args);
    assert.equal(code, 0, `${args.join(" ")}: ${text}`);
    return { text, flat: text.replace(/[\s│|]/g, "") };
  }

  /** The same, whatever it ends with. */
  async attempt(...args: string[]): Promise<{ code: number; text: string }> {
    const child = spawn(process.execPath, [cli, ...args], {
      cwd: this.home,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...withoutNodeOptions(),
        HOME: this.home,
        USERPROFILE: this.home,
        ZG_RPC_ENDPOINT: this.sandbox.ready.rpcUrl,
        NO_COLOR: "1",
        FORCE_COLOR: "0",
        NODE_OPTIONS: `--require ${JSON.stringify(storageClientHere)}`,
        ZG_TEST_STORAGE_INDEXER: this.hasStorage ? this.sandbox.ready.storage.indexer : "",
      },
    });
    let text = "";
    child.stdout.on("data", (part: Buffer) => (text += part.toString()));
    child.stderr.on("data", (part: Buffer) => (text += part.toString()));
    const [code] = (await once(child, "close")) as [number];
    return { code, text };
  }
}
