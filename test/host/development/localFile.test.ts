// Training files that are not on this machine, read through the editor.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { localFile } from "../../../src/vscode/fineTuning/localFile.js";
import type { App } from "../../../src/vscode/app.js";
import { ourExtension } from "../extension.js";

const scheme = "zgtest";
const row = '{"instruction":"a","output":"b"}\n';
const large = 100 * 1024 * 1024 + 1;

describe("a training file that is elsewhere", () => {
  let registration: vscode.Disposable;
  let storage: vscode.Uri;
  const reads: string[] = [];

  before(async () => {
    const { app } = (await ourExtension().activate()) as { app: App };
    storage = vscode.Uri.joinPath(app.storage, "local-file-test");
    const no = (): never => {
      throw vscode.FileSystemError.NoPermissions();
    };
    registration = vscode.workspace.registerFileSystemProvider(scheme, {
      onDidChangeFile: () => ({ dispose: () => undefined }),
      watch: () => ({ dispose: () => undefined }),
      stat: ({ path }) => {
        if (path.endsWith("none.jsonl")) throw vscode.FileSystemError.FileNotFound();
        const size = path.endsWith("large.jsonl") ? large : row.length;
        return { type: vscode.FileType.File, ctime: 0, mtime: 1, size };
      },
      readFile: ({ path }) => {
        reads.push(path);
        return Buffer.from(row);
      },
      ...{ readDirectory: no, createDirectory: no, writeFile: no, delete: no, rename: no },
    });
  });
  after(async () => {
    registration.dispose();
    await vscode.workspace.fs.delete(storage, { recursive: true });
  });

  const at = (path: string) => localFile(vscode.Uri.from({ scheme, path }), storage);

  it("becomes a copy with its name, the same one for the same content", async () => {
    const { path, uri } = await at("/data/my rows.jsonl");
    assert.equal(uri.scheme, scheme);
    assert.match(path, /[\\/]my_rows\.jsonl$/);
    const copy = await vscode.workspace.fs.readFile(vscode.Uri.file(path));
    assert.equal(Buffer.from(copy).toString(), row);
    assert.equal((await at("/data/my rows.jsonl")).path, path);
  });

  it("is not read when it is larger than 100 MiB, and says when it is not there", async () => {
    reads.length = 0;
    await assert.rejects(at("/large.jsonl"), { code: "badFile" });
    assert.deepEqual(reads, []);
    await assert.rejects(at("/none.jsonl"), { code: "badFile" });
  });

  it("counts as it is typed while it is not saved, and stays where it is when it is here", async () => {
    const document = await vscode.workspace.openTextDocument({ content: row, language: "jsonl" });
    const { path } = await localFile(document.uri, storage);
    assert.match(path, /\.jsonl$/);
    const here = vscode.Uri.file("/somewhere/rows.jsonl");
    assert.equal((await localFile(here, storage)).path, here.fsPath);
  });
});
