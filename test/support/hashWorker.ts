// The script of hashing threads, bundled as the product's is.
import { buildSync } from "esbuild";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
let built: string | undefined;

/** Its path; made once per test process, gone when that ends. */
export function hashWorker(): string {
  if (built) return built;
  const folder = mkdtempSync(join(tmpdir(), "zg-hash-worker-"));
  const outfile = join(folder, "hash-worker.cjs");
  const shape = { bundle: true, platform: "node", format: "cjs", target: "node20" } as const;
  buildSync({ ...shape, entryPoints: [join(root, "src/broker/storage/hashWorker.ts")], outfile });
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return (built = outfile);
}
