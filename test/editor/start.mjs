// `npm start`: opens a real VS Code with the extension and a small sample project.
// Installs what is missing, builds, packages. A desktop VS Code is used when there is one, with settings and
// extensions of its own; else VS Code is served on 127.0.0.1 and its address printed (Linux), or downloaded (elsewhere).
//   --serve   serve it even though there is a desktop VS Code
//   --smoke   serve it, check that it answers with our extension in it, and end
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { packageExtension } from "./build.mjs";
import { findDesktopCode, openDesktop } from "./desktop.mjs";
import { canServeEditor, installEditor } from "./install.mjs";
import { chosenLanes } from "./lanes.mjs";
import { serveForPerson } from "./serve.mjs";
import { PlainError, fixtureWorkspace, installPackages, repositoryRoot, runMain, say } from "./tools.mjs";

await runMain(async () => {
  const flags = new Set(process.argv.slice(2));
  const smoke = flags.has("--smoke");
  await installPackages();
  const vsix = await packageExtension();
  const stateFolder = smoke ? mkdtempSync(join(tmpdir(), "zg-start-")) : personalFolder();
  try {
    const project = sampleProject(stateFolder);
    const desktop = smoke || flags.has("--serve") ? undefined : await findDesktopCode();
    if (desktop) return await openDesktop(desktop, { stateFolder, vsix, project });
    return await serve({ stateFolder, vsix, project, smoke });
  } finally {
    if (smoke) rmSync(stateFolder, { recursive: true, force: true, maxRetries: 5 });
  }
});

/** Where settings, conversations and keys of this VS Code stay between starts; apart from the user's own. */
function personalFolder() {
  const folder = join(
    process.env.XDG_STATE_HOME || join(homedir(), ".local", "state"),
    "zerog-compute-vscode",
  );
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** A copy of the sample project to play with, made on the first start. */
function sampleProject(/** @type {string} */ stateFolder) {
  const folder = join(stateFolder, "sample-project");
  if (!existsSync(folder)) cpSync(fixtureWorkspace, folder, { recursive: true });
  return folder;
}

/** @param {{ stateFolder: string, vsix: string, project: string, smoke: boolean }} options */
async function serve({ stateFolder, vsix, project, smoke }) {
  if (!canServeEditor())
    throw new PlainError(
      "There is no VS Code here: install it from https://code.visualstudio.com and run npm start again.",
    );
  const [lane] = chosenLanes(process.env, ["latest"]);
  const editor = await installEditor(/** @type {import("./lanes.mjs").Lane} */ (lane));
  const running = await serveForPerson(editor, { stateFolder, vsix: [vsix] });
  const address = running.folderUrl(project);
  if (smoke) {
    await checkServed(running, stateFolder, address);
    await running.stop();
    say(`VS Code ${editor.version} answered with the extension installed.`);
    return 0;
  }
  say(instructions(address, stateFolder, new URL(running.origin).port));
  const code = await Promise.race([running.ended, parentGone()]);
  if (code === undefined) {
    await running.stop();
    return 0;
  }
  throw new PlainError(
    `The VS Code server ended by itself (code ${code}); its log is ${join(running.dataFolder, "server.log")}`,
  );
}

/** Resolves when npm, which started us, is gone: killed alone, it does not hand every signal on. */
function parentGone() {
  const before = ancestors();
  return new Promise((done) => {
    const timer = setInterval(() => {
      if (ancestors() === before) return;
      clearInterval(timer);
      done(undefined);
    }, 1000);
  });
}

/** Our parent and its parent: between npm and us there may be a shell, which stays when npm goes. */
function ancestors() {
  const status = `/proc/${process.ppid}/status`;
  const grandparent = existsSync(status)
    ? /^PPid:\s*(\d+)/m.exec(readFileSync(status, "utf8"))?.[1]
    : undefined;
  return `${process.ppid} ${grandparent}`;
}

function instructions(
  /** @type {string} */ address,
  /** @type {string} */ stateFolder,
  /** @type {string} */ port,
) {
  const line = "-".repeat(72);
  const remote = process.env.SSH_CONNECTION
    ? `  From your own computer first run:  ssh -L ${port}:127.0.0.1:${port} <this machine>\n`
    : "";
  return `
${line}
VS Code with 0G Compute is running.

  Open this address in a browser on this machine:
  ${address}
${remote}
  Then click the 0G Compute icon on the left, and "Try the sandbox".
  To stop it, press Ctrl+C here.

The address contains a secret: whoever has it can use this editor.
Settings, conversations and the sample project stay in ${stateFolder}
${line}`;
}

/** What has to be true of a served VS Code; the first that is not is the error. */
async function checkServed(
  /** @type {Awaited<ReturnType<typeof serveForPerson>>} */ running,
  /** @type {string} */ stateFolder,
  /** @type {string} */ address,
) {
  const get = (
    /** @type {string} */ url,
    /** @type {Record<string, string>} */ headers = {},
    method = "GET",
  ) => fetch(url, { method, headers, redirect: "manual" });
  const expect = (/** @type {boolean} */ fact, /** @type {string} */ otherwise) => {
    if (!fact) throw new PlainError(otherwise);
  };
  const cookie = { cookie: `vscode-tkn=${running.token}` };
  const entered = await get(address);
  expect(entered.status < 400, `The printed address answers with ${entered.status}.`);
  expect((await get(running.origin, cookie)).status === 200, "The workbench does not load.");
  expect((await get(running.origin)).status === 403, "The editor opens without the secret in its address.");
  const mintKey = `${running.origin}/mint-key`;
  expect(
    (await get(mintKey, {}, "POST")).status === 403,
    "The key of the secret storage is given to anybody.",
  );
  expect((await get(mintKey, cookie, "POST")).status === 200, "The secret storage has no key.");
  for (const file of ["connection-token", "mint-key"])
    expect((statSync(join(stateFolder, file)).mode & 0o077) === 0, `Others can read the file "${file}".`);
  const installed = JSON.parse(readFileSync(join(running.dataFolder, "ext", "extensions.json"), "utf8"));
  const { publisher, name } = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8"));
  const found = installed.some(
    (/** @type {{ identifier: { id: string } }} */ one) => one.identifier.id === `${publisher}.${name}`,
  );
  expect(found, "The extension is not installed in it.");
}
