// Builds what the tests and `npm start` run.
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PlainError, npm, repositoryRoot, run, say, tail } from "./tools.mjs";

/** Bundles everything into dist/, readable and with source maps. */
export async function buildExtension() {
  say("Building ...");
  const { code, output } = await run(process.execPath, [join(repositoryRoot, "esbuild.mjs"), "--quiet"]);
  if (code !== 0) throw new PlainError(`The build failed:\n${tail(output, 40)}`);
}

/** Bundles everything into dist/ as it is shipped, and packs the VSIX. Returns the file. */
export async function packageExtension() {
  say("Packaging the extension ...");
  const file = join(repositoryRoot, "dist", "zerog-compute.vsix");
  rmSync(file, { force: true });
  const { code, output } = await npm(["run", "package", "--silent"]);
  if (code !== 0 || !existsSync(file))
    throw new PlainError(`The extension could not be packaged:\n${tail(output, 40)}`);
  return file;
}
