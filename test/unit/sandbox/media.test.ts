// The providers of pictures and speech as an official broker's clients see them (spec/inference.md 4, 6.3, 8).
import assert from "node:assert/strict";
import { inflateSync } from "node:zlib";
import { verifyMessage } from "ethers";
import { drawPicture, pngSize } from "../../../src/sandbox/media/png.js";
import { crc32 } from "../../support/crc32.js";
import { aPicture, aSound, providerOf } from "../../support/media.js";
import { startSandboxInProcess, type TestSandbox } from "../../support/sandbox.js";
import { type Json, type PostOptions, SandboxUser, sha256 } from "../../support/sandboxUser.js";

describe("pictures and speech in the sandbox", function () {
  this.timeout(60_000);
  let sandbox: TestSandbox;
  let user: SandboxUser;

  before(async () => {
    sandbox = await startSandboxInProcess();
    user = await SandboxUser.create(sandbox);
    for (const type of ["text-to-image", "image-editing", "speech-to-text"])
      await user.pay(providerOf(sandbox, type));
  });
  after(async () => {
    user.close();
    await sandbox.stop();
  });
  afterEach(() => sandbox.control.clear());

  const painter = () => providerOf(sandbox, "text-to-image");
  const generate = (request: object, options: PostOptions = {}) =>
    user.post(painter(), JSON.stringify(request), { path: "/v1/proxy/images/generations", ...options });
  const owed = async ({ address }: { address: string }) =>
    BigInt((await sandbox.control.state()).unsettled[address]?.[user.wallet.address.toLowerCase()] ?? "0");
  const form = (fields: Record<string, string | Blob>) => {
    const made = new FormData();
    for (const [name, value] of Object.entries(fields)) made.set(name, value);
    return made;
  };
  const send = async (type: string, path: string, body: FormData) => {
    const provider = providerOf(sandbox, type);
    const headers = { authorization: user.bearer(provider) };
    const response = await fetch(provider.url + path, { method: "POST", headers, body });
    return { provider, response, text: await response.text() };
  };

  it("draws the same real PNG for the same prompt, and another for another", async () => {
    const one = drawPicture(Buffer.from("otter"), { width: 64, height: 48 });
    assert.deepEqual(pngSize(one), { width: 64, height: 48 });
    const at = one.indexOf("IDAT");
    const data = one.subarray(at + 4, at + 4 + one.readUInt32BE(at - 4));
    assert.equal(inflateSync(data).length, 65 * 48);
    assert.deepEqual(chunksOf(one), ["IHDR", "PLTE", "tEXt", "IDAT", "IEND"]);
    const pictureOf = async (prompt: string) =>
      JSON.parse((await generate({ prompt, size: "64x64" })).body.toString()).data[0].b64_json as string;
    assert.equal(await pictureOf("an otter"), await pictureOf("an otter"));
    assert.notEqual(await pictureOf("an otter"), await pictureOf("a fox"));
  });

  it("signs the request as sent and the bytes of each picture, and bills by the picture", async () => {
    const before = await owed(painter());
    const answer = await generate({ prompt: "an otter", n: 3, size: "64x64", response_format: "b64_json" });
    const pictures = JSON.parse(answer.body.toString()).data.map((one: Json) =>
      Buffer.from(one.b64_json as string, "base64"),
    ) as Buffer[];
    const { text, signature } = await user.signature(painter(), answer);
    assert.equal(text, `${sha256(answer.sent)}:${pictures.map(sha256).join(",")}`);
    const chain = await user.contract("inference").getFunction("getService")(painter().address);
    assert.equal(verifyMessage(text, signature), chain.teeSignerAddress);
    assert.equal((await owed(painter())) - before, 3n * 3_000_000_000_000_000n);
  });

  it("keeps a picture that was asked for as a link, and shows it without a token", async () => {
    const answer = await generate({ prompt: "an otter", size: "64x64", response_format: "url" });
    const { url } = JSON.parse(answer.body.toString()).data[0] as { url: string };
    assert.equal(url, `${painter().url}/v1/proxy/images/${answer.chatId}/0`);
    const shown = Buffer.from(await (await fetch(url)).arrayBuffer());
    const { text } = await user.signature(painter(), answer);
    assert.equal(text.split(":")[1], sha256(shown));
  });

  it("refuses what it cannot make, without billing it", async () => {
    const before = await owed(painter());
    const refused = async (request: object) => {
      const { status, body } = await generate(request);
      return [status, JSON.parse(body.toString()).error as string];
    };
    assert.deepEqual(await refused({ n: 1 }), [400, "Missing prompt in request body"]);
    assert.match(String(await refused({ prompt: "x", size: "9x9" })), /^400,size must be/);
    assert.match(String(await refused({ prompt: "x", n: 99 })), /^400,n must be/);
    assert.match(String(await refused({ prompt: "x", model: "other" })), /^400,model not supported/);
    assert.equal(await owed(painter()), before);
  });

  it("edits a picture sent as a form or as a data URL, in its own size", async () => {
    const image = aPicture(96, 64);
    const fields = { prompt: "make it red", image: new Blob([new Uint8Array(image)]) };
    const { response, text } = await send("image-editing", "/v1/proxy/images/edits", form(fields));
    assert.equal(response.status, 200, text);
    const edited = Buffer.from(JSON.parse(text).data[0].b64_json as string, "base64");
    assert.deepEqual(pngSize(edited), { width: 96, height: 64 });
    const json = { prompt: "make it red", image: `data:image/png;base64,${image.toString("base64")}` };
    const path = "/v1/proxy/images/edits";
    const again = await user.post(providerOf(sandbox, "image-editing"), JSON.stringify(json), { path });
    assert.equal(JSON.parse(again.body.toString()).data[0].b64_json, edited.toString("base64"));
    const none = form({ prompt: "x", image: new Blob(["not a picture"]) });
    assert.equal((await send("image-editing", path, none)).response.status, 400);
  });

  it("writes a transcript in each format, billed by the second", async () => {
    const file = new Blob([new Uint8Array(aSound(12.5))]);
    const before = await owed(providerOf(sandbox, "speech-to-text"));
    const written = async (response_format: string) =>
      (await send("speech-to-text", "/v1/proxy/audio/transcriptions", form({ file, response_format }))).text;
    assert.deepEqual(JSON.parse(await written("json")).usage, { type: "duration", seconds: 12.5 });
    assert.equal(JSON.parse(await written("verbose_json")).segments.length, 3);
    assert.match(await written("text"), /^This is the sandbox: it does not listen\./);
    assert.match(await written("srt"), /^1\n00:00:00,000 --> 00:00:04,167\n/);
    assert.match(await written("vtt"), /^WEBVTT\n\n00:00:00\.000 --> /);
    const after = await owed(providerOf(sandbox, "speech-to-text"));
    assert.equal(after - before, 5n * 13n * 50_000_000_000_000n);
    assert.match(await written("docx"), /response_format is not supported/);
  });

  it("writes the same transcript for the same recording, and another for another", async () => {
    const [one, other] = [aSound(12.5), aSound(12.5)];
    other[other.length - 1] = 0;
    const written = async (sound: Buffer) => {
      const body = form({ file: new Blob([new Uint8Array(sound)]), response_format: "vtt" });
      return (await send("speech-to-text", "/v1/proxy/audio/transcriptions", body)).text;
    };
    assert.equal(await written(one), await written(one));
    const words = async (sound: Buffer) =>
      (await written(sound)).split("\n").filter((line) => /^[A-Za-z]/.test(line));
    const [ours, theirs] = [await words(one), await words(other)];
    assert.equal(ours.length, theirs.length);
    for (const [index, line] of ours.slice(1).entries()) assert.notEqual(line, theirs[index + 1]);
  });

  describe("jobs", () => {
    const order = () =>
      generate({ prompt: "an otter", size: "64x64" }, { path: "/v1/async/images/generations" });
    const look = async (id: string, authorization = user.bearer(painter())) => {
      const response = await fetch(`${painter().url}/v1/async/jobs/${id}`, { headers: { authorization } });
      return { response, job: await response.json() };
    };

    it("tell to wait, then hand out the answer with its signature's key, and belong to who ordered them", async () => {
      await sandbox.control.fault(painter().address, "slow-job", 200);
      const taken = await order();
      assert.equal(taken.status, 202);
      const { jobId, status } = JSON.parse(taken.body.toString()) as { jobId: string; status: string };
      assert.equal(status, "pending");
      let { response, job } = await look(jobId);
      assert.equal(response.headers.get("retry-after"), "5");
      while (response.headers.has("retry-after")) ({ response, job } = await look(jobId));
      assert.equal(job.status, "completed");
      const key = response.headers.get("zg-res-key") ?? "";
      const { text } = await user.signature(painter(), { ...taken, chatId: key });
      const picture = Buffer.from(job.data.data[0].b64_json as string, "base64");
      assert.equal(text, `${sha256(taken.sent)}:${sha256(picture)}`);
      const other = await SandboxUser.create(sandbox, "10", "0");
      assert.equal((await look(jobId, other.bearer(painter()))).response.status, 403);
      other.close();
      assert.equal((await look("nobody")).response.status, 404);
    });

    it("are refused where they are off, and fail in words", async () => {
      await sandbox.control.fault(painter().address, "no-async");
      const { status, body } = await order();
      assert.deepEqual([status, body.toString()], [503, '{"error":"async processing is not enabled"}']);
      await sandbox.control.clear();
      await sandbox.control.fault(painter().address, "fail-job");
      const { jobId } = JSON.parse((await order()).body.toString()) as { jobId: string };
      let found = await look(jobId);
      while (found.response.headers.has("retry-after")) found = await look(jobId);
      assert.deepEqual([found.job.status, found.job.errorMessage], ["failed", "the model gave up"]);
    });
  });
});

/** The kinds of a PNG's chunks, each with the checksum that belongs to it. */
function chunksOf(png: Buffer): string[] {
  const kinds: string[] = [];
  for (let at = 8; at < png.length;) {
    const end = at + 8 + png.readUInt32BE(at);
    const kind = png.toString("latin1", at + 4, at + 8);
    assert.equal(png.readUInt32BE(end), crc32(png.subarray(at + 4, end)), `checksum of ${kind}`);
    kinds.push(kind);
    at = end + 4;
  }
  return kinds;
}
