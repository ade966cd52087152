// Zips of trained models, honest and hostile.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ComputeError } from "../../../src/domain/error.js";
import { extractModel, modelLimits, type UnzipLimits } from "../../../src/system/unzip.js";
import { zipOf, type ZipEntry } from "../../support/zip.js";

describe("taking a model out of its zip", () => {
  let desk: string;

  beforeEach(() => void (desk = mkdtempSync(join(tmpdir(), "unzip-"))));
  afterEach(() => rmSync(desk, { recursive: true, force: true }));

  async function extract(zip: Buffer, limits: UnzipLimits = modelLimits, signal?: AbortSignal) {
    writeFileSync(join(desk, "model.zip"), zip);
    return extractModel(join(desk, "model.zip"), join(desk, "model"), limits, signal);
  }

  async function refusal(zip: Buffer, limits?: UnzipLimits): Promise<string> {
    const error: unknown = await extract(zip, limits).then(
      () => assert.fail("it was taken"),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof ComputeError && error.code === "badFile", String(error));
    assert.deepEqual(readdirSync(desk), ["model.zip"], "something was left behind");
    return (error.facts as { detail: string }).detail;
  }

  it("writes files and folders as they are in it", async () => {
    const weights = Buffer.alloc(300_000, "weights");
    const done = await extract(
      zipOf([
        { name: "output_model/", mode: 0o040755 },
        { name: "output_model/adapter_config.json", content: '{"r":8}' },
        { name: "output_model/checkpoint-3/adapter.safetensors", content: weights, isStored: true },
        { name: "output_model/größe.txt", content: "ü" },
      ]),
    );
    assert.deepEqual(done, { files: 3, bytes: 7 + 300_000 + 2 });
    const at = (name: string) => join(desk, "model/output_model", name);
    assert.equal(readFileSync(at("adapter_config.json"), "utf8"), '{"r":8}');
    assert.deepEqual(readFileSync(at("checkpoint-3/adapter.safetensors")), weights);
    assert.equal(readFileSync(at("größe.txt"), "utf8"), "ü");
    assert.equal(statSync(at("adapter_config.json")).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(desk).sort(), ["model", "model.zip"]);
  });

  it("takes nothing into a folder that is there", async () => {
    await extract(zipOf([{ name: "a", content: "1" }]));
    await assert.rejects(
      extract(zipOf([{ name: "a", content: "2" }])),
      (error: ComputeError<"badFile">) => error.facts.path === join(desk, "model"),
    );
    assert.equal(readFileSync(join(desk, "model/a"), "utf8"), "1");
  });

  for (const name of [
    "../evil",
    "a/../../evil",
    "/etc/passwd",
    "a//b",
    "./a",
    "C:/evil",
    "C:evil",
    "a\\..\\evil",
    "\\\\server\\share",
    "a\0b",
    "a\nb",
    "a/nul",
    "COM1.txt",
    "a./b",
    "a /b",
    "a:stream",
    `${"a/".repeat(40)}b`,
    "x".repeat(201),
    "",
  ])
    it(`refuses the name ${JSON.stringify(name.slice(0, 30))}`, async () => {
      await refusal(
        zipOf([
          { name: "good", content: "x" },
          { name, content: "x" },
        ]),
      );
    });

  const hostile: readonly (readonly [string, readonly ZipEntry[], RegExp])[] = [
    ["a symbolic link", [{ name: "link", content: "/etc/passwd", mode: 0o120777 }], /something else/],
    ["a device", [{ name: "tty", mode: 0o020666 }], /something else/],
    ["the same name twice", [{ name: "a" }, { name: "a" }], /comes twice/],
    ["names that differ by case", [{ name: "Model.bin" }, { name: "model.bin" }], /take for one/],
    ["folders that differ by case", [{ name: "A/x" }, { name: "a/y" }], /take for one/],
    ["names that differ by how an accent is written", [{ name: "é" }, { name: "e\u0301" }], /take for one/],
    ["a file that is a folder as well", [{ name: "a" }, { name: "a/b" }], /comes twice/],
    ["a file with a password", [{ name: "a", content: "x", flags: 0x801 }], /encrypted/],
    ["an unknown way of packing", [{ name: "a", content: "x", method: 99 }], /unknown way/],
    [
      "a file longer than the directory says",
      [{ name: "a", content: "long".repeat(100), claimedSize: 3 }],
      /bytes/,
    ],
    ["a file shorter than the directory says", [{ name: "a", content: "short", claimedSize: 300 }], /bytes/],
    [
      "a stored file of another size",
      [{ name: "a", content: "abc", isStored: true, claimedSize: 2 }],
      /size/,
    ],
  ];
  for (const [what, entries, words] of hostile)
    it(`refuses ${what}`, async () => {
      assert.match(await refusal(zipOf(entries)), words);
    });

  it("refuses a bomb before a byte is written", async () => {
    const bomb = zipOf([{ name: "zeros", content: new Uint8Array(20 * 2 ** 20) }]);
    assert.ok(bomb.length < 30_000);
    assert.match(await refusal(bomb), /unpacks to too much/);
  });

  it("refuses more entries or bytes than the limits allow", async () => {
    const three = zipOf([{ name: "a", content: "xx" }, { name: "b", content: "xx" }, { name: "c" }]);
    assert.match(await refusal(three, { ...modelLimits, maxEntries: 2 }), /2 entries/);
    assert.match(await refusal(three, { ...modelLimits, maxBytes: 3 }), /3 bytes/);
  });

  it("refuses files that share their bytes", async () => {
    const content = Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 7919) % 251));
    const zip = zipOf([
      { name: "a", content, isStored: true },
      { name: "b", content, isStored: true },
    ]);
    const second = zip.lastIndexOf(Buffer.from("504b0102", "hex"));
    zip.writeUInt32LE(0, second + 42); // b now starts where a does
    const overlapping = Buffer.concat([
      zip.subarray(0, 5_031),
      zip.subarray(zip.indexOf("504b0102", 0, "hex")),
    ]);
    overlapping.writeUInt32LE(5_031, overlapping.length - 6);
    assert.match(await refusal(overlapping), /overlap/);
  });

  it("refuses what is no zip, or half of one", async () => {
    await refusal(Buffer.from("this is not a zip"));
    const whole = zipOf([{ name: "a", content: Buffer.alloc(1_000, "abcdefg") }]);
    await refusal(whole.subarray(0, whole.length - 30));
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, 33, 38);
    await refusal(damaged);
  });

  it("leaves nothing behind when it is stopped", async () => {
    const stop = new AbortController();
    const many = Array.from({ length: 200 }, (_, index) => ({
      name: `f${index}`,
      content: "x".repeat(5_000),
    }));
    const running = extract(zipOf(many), modelLimits, stop.signal);
    setImmediate(() => stop.abort());
    await assert.rejects(running, (error: ComputeError) => error.code === "cancelled");
    assert.equal(existsSync(join(desk, "model")), false);
    assert.deepEqual(readdirSync(desk), ["model.zip"]);
  });
});
