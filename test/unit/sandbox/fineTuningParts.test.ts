// Small parts of the sandbox's fine-tuning provider, each against what the standards or the documents say.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trainingCurve } from "../../../src/domain/trainingLog.js";
import { logText } from "../../../src/broker/wire/fineTuning/logFrames.js";
import { type Files, FolderFiles, MemoryFiles } from "../../../src/sandbox/fineTuning/files.js";
import { pythonDict, TaskLogs } from "../../../src/sandbox/fineTuning/log.js";
import { parseMultipart } from "../../../src/sandbox/multipart.js";
import { byteRange } from "../../../src/sandbox/fineTuning/range.js";
import { TaskBook } from "../../../src/sandbox/fineTuning/tasks.js";

describe("parts of the sandbox's fine-tuning provider", () => {
  describe("a multipart body", () => {
    const type = "multipart/form-data; boundary=X";
    const body = (...lines: string[]) => Buffer.from(lines.join("\r\n"));

    it("gives its parts in order, with content that holds line ends, dashes and other bytes", () => {
      const content = Buffer.from([0x0d, 0x0a, 0x2d, 0x2d, 0x59, 0xff, 0x00, 0x0d, 0x0a]);
      const bytes = Buffer.concat([
        body(
          "--X",
          'Content-Disposition: form-data; name="file"; filename="a \\"b\\".jsonl"',
          "Content-Type: application/octet-stream",
          "",
          "",
        ),
        content,
        body("", "--X", 'content-disposition: form-data; name="timestamp"', "", "17", "--X--", ""),
      ]);
      assert.deepEqual(parseMultipart(type, bytes), [
        { name: "file", fileName: 'a "b".jsonl', content },
        { name: "timestamp", fileName: undefined, content: Buffer.from("17") },
      ]);
      assert.equal(parseMultipart('multipart/form-data; charset=utf-8; boundary="X"', bytes)?.length, 2);
    });

    it("is none when its type, a head or its end is missing", () => {
      const part = ["--X", 'Content-Disposition: form-data; name="a"', "", "1"];
      assert.ok(parseMultipart(type, body(...part, "--X--")));
      assert.equal(parseMultipart("application/json", body(...part, "--X--")), undefined);
      assert.equal(parseMultipart(undefined, body(...part, "--X--")), undefined);
      assert.equal(parseMultipart(type, body(...part)), undefined);
      assert.equal(parseMultipart(type, body("--X", "no head", "--X--")), undefined);
      assert.equal(
        parseMultipart(type, body("--X", "Content-Type: text/plain", "", "1", "--X--")),
        undefined,
      );
      assert.equal(parseMultipart(type, Buffer.alloc(0)), undefined);
    });
  });

  it("a range is one span of bytes, and what is none is ignored", () => {
    for (const [header, expected] of [
      ["bytes=0-0", { start: 0, end: 0 }],
      ["bytes=2-", { start: 2, end: 9 }],
      ["bytes=-3", { start: 7, end: 9 }],
      ["bytes=-30", { start: 0, end: 9 }],
      ["bytes=8-100", { start: 8, end: 9 }],
      ["bytes=10-", "unsatisfiable"],
      ["bytes=-0", "unsatisfiable"],
      ["bytes=5-3", undefined],
      ["bytes=0-1,4-5", undefined],
      ["lines=0-1", undefined],
      ["bytes=-", undefined],
      [undefined, undefined],
    ] as const)
      assert.deepEqual(byteRange(header, 10), expected, header);
  });

  describe("a log", () => {
    it("writes numbers as Python does", () => {
      const values = {
        a: 2.5,
        b: 3,
        c: 0,
        d: 0.0001,
        e: 0.00005,
        f: 1e16,
        g: Number.NaN,
        h: Infinity,
        i: -0.25,
      };
      assert.equal(
        pythonDict(values),
        "{'a': 2.5, 'b': 3.0, 'c': 0.0, 'd': 0.0001, 'e': 5e-05, 'f': 1e+16, 'g': nan, 'h': inf, 'i': -0.25}",
      );
    });

    it("is read back by the client's own reader: framed lines, losses", async () => {
      const logs = new TaskLogs(new MemoryFiles(), () => Date.UTC(2026, 4, 6, 7, 8, 9, 876));
      logs.write("t", "creating task....");
      logs.writeContainer("t", [
        "begin",
        pythonDict({ loss: 2.5, epoch: 0.5 }),
        pythonDict({ train_loss: 1.25 }),
      ]);
      const bytes = await logs.read("t");
      assert.ok(bytes);
      const text = logText(bytes);
      assert.ok(
        text.startsWith(
          "[2026-05-06T07:08:09Z] creating task....\n[2026-05-06T07:08:09Z] Container logs:\nbegin\n",
        ),
      );
      assert.deepEqual(trainingCurve(text), { points: [{ loss: 2.5, epoch: 0.5 }], finalLoss: 1.25 });
    });
  });

  describe("files", () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "files-"))));
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    const kinds: readonly [string, () => Files][] = [
      ["in memory", () => new MemoryFiles()],
      ["in a folder", () => new FolderFiles(folder)],
    ];
    for (const [where, open] of kinds)
      it(`${where} are written whole, appended to, listed, and absent when nobody wrote them`, async () => {
        const files = open();
        assert.equal(await files.read("a/none"), undefined);
        assert.equal(files.readJson("a/none"), undefined);
        await files.write("a/x", Buffer.from("one"));
        await files.write("a/x", Buffer.from("two"));
        files.append("a/y", Buffer.from("1"));
        files.append("a/y", Buffer.from("2"));
        files.writeJson("b/z", { is: true });
        assert.equal((await files.read("a/x"))?.toString(), "two");
        assert.equal((await files.read("a/y"))?.toString(), "12");
        assert.deepEqual(files.readJson("b/z"), { is: true });
        assert.deepEqual([files.list("a").sort(), files.list("b"), files.list("c")], [["x", "y"], ["z"], []]);
      });

    it("in a folder survive a damaged record and what a crash left half written", () => {
      const files = new FolderFiles(folder);
      const order = {
        ...{ userAddress: "0xA", preTrainedModelHash: "", datasetHash: "", trainingParams: "" },
        ...{ nonce: "1", signature: "" },
      };
      const book = new TaskBook(files, () => 5);
      book.add("good", order);
      book.add("busy", order);
      book.move("busy", "Init", "SettingUp");
      writeFileSync(join(folder, "tasks/bad.json"), '{"id":"ba');
      writeFileSync(join(folder, "tasks/half.json.1.tmp"), "{");
      const again = new TaskBook(new FolderFiles(folder), () => 6);
      assert.deepEqual(
        again
          .all()
          .map(({ id, progress }) => [id, progress])
          .sort(),
        [
          ["busy", "Init"],
          ["good", "Init"],
        ],
      );
      assert.deepEqual(files.list("tasks").sort(), ["bad.json", "busy.json", "good.json"]);
      assert.equal(again.move("good", "SetUp", "Training"), undefined);
      assert.equal(again.of("0xa").length, 2);
    });
  });
});
