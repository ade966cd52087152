// Pictures and recordings over the local endpoint, as other programs ask for them: the official `openai` package, forms and jobs, over the real
// sandbox.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { APIError } from "openai";
import OpenAI, { toFile } from "openai";
import type { ProviderId } from "../../src/domain/ids.js";
import { imageFee, speechFee } from "../../src/domain/pricing.js";
import { og } from "../support/builders.js";
import { clientForms } from "../support/forms.js";
import { TestEndpoint } from "../support/endpoint.js";
import { House, World } from "../support/house.js";
import { aPicture, aSound, providerOf } from "../support/media.js";
import { MemoryFolder } from "../support/ports.js";
import type { TestSandbox } from "../support/sandbox.js";
import { sha256, type Json } from "../support/sandboxUser.js";

/** A form's bytes, and what says where its parts end. */
async function written(form: FormData): Promise<{ readonly headers: Headers; readonly body: Buffer }> {
  const request = new Response(form);
  const { headers } = request;
  return { headers, body: Buffer.from(await request.arrayBuffer()) };
}

describe("Pictures and speech over the local endpoint", function () {
  this.timeout(120_000);
  const world = new World();
  const folder = new MemoryFolder();
  let house: House;
  let endpoint: TestEndpoint;
  let sandbox: TestSandbox;
  let key: { readonly text: string; readonly id: string };

  before(async () => {
    house = new House(world);
    await house.trySandbox.run();
    sandbox = world.launcher.running!;
    world.settings.set({ "limits.perTransaction": "50", "limits.perDay": "50" });
    await house.accounts.run({ kind: "depositFund", amount: og("6") }, "asked");
    for (const type of ["text-to-image", "image-editing", "speech-to-text"])
      await house.accounts.run(
        { kind: "transferFund", service: "inference", provider: idOf(type), amount: og("2") },
        "asked",
      );
    endpoint = await new TestEndpoint(house, folder).start();
    key = await endpoint.key();
  });
  afterEach(() => sandbox.control.clear());
  after(async () => {
    await endpoint?.close();
    house?.abandon();
    await world.launcher.stop();
  });

  const idOf = (type: string) => providerOf(sandbox, type).address as ProviderId;
  const modelOf = (type: string) => providerOf(sandbox, type).model;
  const serviceOf = async (type: string) => (await house.session.broker()).inference.getService(idOf(type));
  const client = (apiKey = key.text) => new OpenAI({ baseURL: endpoint.url, apiKey, maxRetries: 0 });
  const drawing = (more: object = {}) => ({
    ...{ model: modelOf("text-to-image"), prompt: "an otter <&>", n: 2, size: "64x64" as const },
    ...more,
  });
  const send = (
    path: string,
    body: string | FormData | Uint8Array<ArrayBuffer>,
    more: Record<string, string> = {},
  ) =>
    fetch(`${endpoint.url}/${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key.text}`, ...more },
      body,
    });
  const sendJson = (path: string, body: object) =>
    send(path, JSON.stringify(body), { "content-type": "application/json" });
  const spent = async (id: string) =>
    endpoint.service.spentWith((await endpoint.keys.list()).find((one) => one.id === id)!);
  const refused = async (call: Promise<unknown>, status: number, code: string) => {
    const error: APIError = await call.then(
      () => assert.fail("it was served"),
      (thrown: APIError) => thrown,
    );
    assert.deepEqual([error.status, error.code], [status, code], String(error));
  };
  const resKey = ({ response }: { response: Response }) => response.headers.get("zg-res-key");

  it("lists their models with what they are for", async () => {
    const { data } = await client().models.list();
    const types = new Map(data.map((one) => [one.id, (one as unknown as Json).service_type]));
    for (const type of ["chatbot", "text-to-image", "image-editing", "speech-to-text"])
      assert.ok([...types.values()].includes(type), JSON.stringify([...types]));
    await refused(client().images.generate(drawing({ model: "sandbox-chat" })), 404, "model_not_found");
  });

  it("generates pictures, verified, for what they cost and no more", async () => {
    const own = await endpoint.key();
    const made = await client(own.text).images.generate(drawing()).withResponse();
    assert.equal(made.data.data!.length, 2);
    assert.equal(Buffer.from(made.data.data![0]!.b64_json!, "base64").toString("latin1", 1, 4), "PNG");
    const found = await endpoint.verify(resKey(made), own.text);
    assert.equal(found.verdict, "verified", JSON.stringify(found));
    assert.equal(await spent(own.id), imageFee(await serviceOf("text-to-image"), 2));
    const receipt = await house.receipts.bytes(found.receipt);
    assert.equal((await house.receipts.recheck(receipt!)).word, "proven");
  });

  it("says of links to pictures that they are not proven, instead of failed", async () => {
    const made = await client()
      .images.generate(drawing({ response_format: "url" }))
      .withResponse();
    assert.match(made.data.data![0]!.url!, /^http/);
    const found = await endpoint.verify(resKey(made), key.text);
    assert.deepEqual(
      [found.verdict, found.reason],
      ["not_proven", "picturesElsewhere"],
      JSON.stringify(found),
    );
  });

  it("edits a picture, sent as a form, and as JSON", async () => {
    const image = await toFile(aPicture(), "grey.png", { type: "image/png" });
    const asked = { model: modelOf("image-editing"), prompt: "make it red", image };
    const made = await client().images.edit(asked).withResponse();
    assert.ok(made.data.data![0]!.b64_json);
    assert.equal((await endpoint.verify(resKey(made), key.text)).verdict, "verified");
    const url = `data:image/png;base64,${aPicture().toString("base64")}`;
    const response = await sendJson("images/edits", { ...asked, image: url });
    assert.equal(response.status, 200, await response.text());
    assert.equal((await endpoint.verify(response.headers.get("zg-res-key"), key.text)).verdict, "verified");
  });

  for (const format of ["json", "text", "srt", "vtt", "verbose_json"] as const)
    it(`transcribes a recording as ${format}`, async () => {
      const own = await endpoint.key();
      const file = await toFile(aSound(), "silence.wav", { type: "audio/wav" });
      const asked = { model: modelOf("speech-to-text"), file, response_format: format };
      const made = await client(own.text).audio.transcriptions.create(asked).withResponse();
      const text = typeof made.data === "string" ? made.data : (made.data as { text: string }).text;
      assert.match(text, /This is the sandbox: it does not listen/);
      const found = await endpoint.verify(resKey(made), own.text);
      assert.equal(found.verdict, "verified", JSON.stringify(found));
      assert.equal(
        await spent(own.id),
        speechFee(await serviceOf("speech-to-text"), { input: 13, output: 0 }),
        "12.5 s, exact in a WAV",
      );
    });

  it("hands every byte through, both ways", async () => {
    const body = ` ${JSON.stringify(drawing()).replace("{", '{ "seed": 1.0, ')}\n`;
    const response = await send("images/generations", body, { "content-type": "application/json" });
    const bytes = Buffer.from(await response.arrayBuffer());
    const found = await endpoint.verify(response.headers.get("zg-res-key"), key.text);
    assert.equal(found.request_sha256, sha256(Buffer.from(body)));
    assert.equal(found.response_sha256, sha256(bytes));
    assert.equal(response.headers.get("provider")?.toLowerCase(), idOf("text-to-image").toLowerCase());
  });

  it("orders pictures as jobs, tells their number and hands their pictures on, verified, once paid", async () => {
    const own = await endpoint.key();
    const openai = client(own.text);
    for (const type of ["text-to-image", "image-editing"]) {
      const isEdit = type === "image-editing";
      await sandbox.control.fault(idOf(type), "slow-job", 1_000);
      const url = `data:image/png;base64,${aPicture().toString("base64")}`;
      const body = isEdit ? { ...drawing({ model: modelOf(type) }), image: url } : drawing();
      const path = `/async/images/${isEdit ? "edits" : "generations"}`;
      const { data: order, response } = await openai.post<Json>(path, { body }).withResponse();
      assert.equal(response.status, 202);
      const first = await openai.get<Json>(`/async/jobs/${order.jobId}`).withResponse();
      assert.equal(first.response.headers.get("retry-after"), "5");
      for (;;) {
        const { data, response: looked } = await openai
          .get<Json>(`/async/jobs/${order.jobId}`)
          .withResponse();
        if (data.status !== "completed") continue;
        assert.equal(data.data.data.length, 2);
        const found = await endpoint.verify(looked.headers.get("zg-res-key"), own.text);
        assert.equal(found.verdict, "verified", JSON.stringify(found));
        assert.equal((await endpoint.verify(order.jobId, own.text)).verdict, "verified");
        break;
      }
    }
    const fee = async (type: string) => imageFee(await serviceOf(type), 2);
    assert.equal(await spent(own.id), (await fee("text-to-image")) + (await fee("image-editing")));
  });

  it("knows a job after a restart, tells it to its own key alone, and knows no other", async () => {
    const { jobId } = await client().post<Json>("/async/images/generations", { body: drawing() });
    const other = await endpoint.key();
    await refused(client(other.text).get(`/async/jobs/${jobId}`), 404, "job_not_found");
    await refused(client().get("/async/jobs/nobody"), 404, "job_not_found");
    await endpoint.close();
    endpoint = await new TestEndpoint(house, folder).start();
    // The connection that was kept open is gone.
    const again = { maxRetries: 2 };
    const { data, response } = await client().get<Json>(`/async/jobs/${jobId}`, again).withResponse();
    assert.equal(data.status, "completed");
    assert.equal((await endpoint.verify(response.headers.get("zg-res-key"), key.text)).verdict, "verified");
  });

  it("hands refusals through as they are, and counts nothing for them", async () => {
    const own = await endpoint.key();
    const openai = client(own.text);
    await assert.rejects(openai.images.generate(drawing({ size: "1x1" })), (error: APIError) => {
      return error.status === 400 && /size must be/.test(error.message);
    });
    await sandbox.control.fault("*", "no-async");
    await assert.rejects(
      openai.post("/async/images/generations", { body: drawing() }),
      (error: APIError) => error.status === 503,
    );
    assert.equal(await spent(own.id), 0n);
  });

  it("stands a storm of 429 with all three: told when to come back, and nothing is counted", async () => {
    const own = await endpoint.key();
    const [image, file] = [new Blob([new Uint8Array(aPicture())]), new Blob([new Uint8Array(aSound())])];
    const form = (type: string, fields: Record<string, string | Blob>) => {
      const made = new FormData();
      made.set("model", modelOf(type));
      for (const [name, value] of Object.entries(fields)) made.set(name, value);
      return made;
    };
    const asJson = { "content-type": "application/json" };
    const asks: (() => [string, string | FormData, object?])[] = [
      () => ["images/generations", JSON.stringify(drawing()), asJson],
      () => ["async/images/generations", JSON.stringify(drawing()), asJson],
      () => ["images/edits", form("image-editing", { prompt: "make it red", image })],
      () => ["audio/transcriptions", form("speech-to-text", { file })],
    ];
    await sandbox.control.fault("*", "rate-limit", "requests=0");
    const storm = asks.flatMap((ask) =>
      Array.from({ length: 5 }, () => {
        const [path, body, headers] = ask();
        return send(path, body, { authorization: `Bearer ${own.text}`, ...headers });
      }),
    );
    for (const response of await Promise.all(storm)) {
      assert.equal(response.status, 429, await response.clone().text());
      assert.equal(response.headers.get("retry-after"), "60");
    }
    assert.equal(await spent(own.id), 0n);
    assert.equal((await endpoint.usage.of(own.id)).requests, 20);
    await sandbox.control.clear();
    await client(own.text).images.generate(drawing());
    assert.equal(await spent(own.id), imageFee(await serviceOf("text-to-image"), 2));
  });

  it("calls pictures and transcripts failed when the provider signed others", async () => {
    await sandbox.control.fault("*", "other-bytes");
    const made = await client().images.generate(drawing()).withResponse();
    assert.equal((await endpoint.verify(resKey(made), key.text)).verdict, "failed");
    const file = await toFile(aSound(), "silence.wav");
    const heard = await client()
      .audio.transcriptions.create({ model: modelOf("speech-to-text"), file })
      .withResponse();
    assert.equal((await endpoint.verify(resKey(heard), key.text)).verdict, "failed");
  });

  it("takes a picture and a recording that with all around them are just below 32 MB, as they are", async () => {
    const own = await endpoint.key({ budget: og("2") });
    // What a PNG's reader does not look at.
    const large = Buffer.concat([aPicture(), randomBytes(31.9 * 2 ** 20)]);
    const image = await toFile(large, "large.png", { type: "image/png" });
    const file = await toFile(aSound(3_700), "hour.wav", { type: "audio/wav" });
    for (const [path, fields] of [
      ["images/edits", { model: modelOf("image-editing"), prompt: "make it red", image }],
      ["audio/transcriptions", { model: modelOf("speech-to-text"), file }],
    ] as const) {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.set(name, value);
      const { headers, body } = await written(form);
      assert.ok(body.length > 28 * 2 ** 20 && body.length < 32 * 2 ** 20, `${path}: ${body.length} bytes`);
      const made = await client(own.text)
        .post<Json>(`/${path}`, { body, headers: { "content-type": headers.get("content-type") } })
        .withResponse();
      const found = await endpoint.verify(resKey(made), own.text);
      assert.equal(found.verdict, "verified", JSON.stringify(found));
      assert.equal(found.request_sha256, sha256(body), path);
    }
  });

  it("sends no form that two readers may read in two ways, and none that names no bound", async () => {
    const before = JSON.stringify((await sandbox.control.state()).counters);
    const form = (...parts: string[]) => [...parts.map((part) => `--b\r\n${part}\r\n`), "--b--\r\n"].join("");
    const field = (name: string, value: string) =>
      `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`;
    const image = `Content-Disposition: form-data; name="image"; filename="a.png"\r\n\r\nx`;
    const [model, prompt] = [field("model", modelOf("image-editing")), field("prompt", "red")];
    for (const body of [
      form(model, prompt, image, field("n", "1"), field("n", "9")),
      form(model, prompt, image, field("N", "9")),
      form(model, prompt, image, field("n", "0")),
      form(model, prompt, image, field("n", "9 ")),
      form(model, prompt, image, `Content-Disposition: form-data; name=n\r\n\r\n9`),
      form(model, prompt, image, field("n[]", "9")),
      form(model, prompt, image.replace("a.png", 'a\\"; name="n')),
      form(
        model,
        prompt,
        image,
        field("n", "9").replace("\r\n", "\r\nContent-Transfer-Encoding: base64\r\n"),
      ),
      form(model, prompt, image, `Content-Disposition: form-data; name="n"; filename="n"\r\n\r\n9`),
      form(model, prompt, `${image}\r\n--b \r\n${field("n", "9")}`),
      form(model, prompt, `${image}\n--b\r\n${field("n", "9")}`),
      `${form(model, prompt, image)}--b\r\n${field("n", "9")}\r\n--b--`,
      `preamble\r\n${form(model, prompt, image)}`,
      form(model, prompt, image).replace("--b--", "--b"),
    ]) {
      const response = await send("images/edits", body, {
        "content-type": "multipart/form-data; boundary=b",
      });
      const { error } = (await response.json()) as { error: Json };
      assert.deepEqual([response.status, error.code], [400, "invalid_body"], body);
    }
    for (const more of [{ n: "9" }, { n: 0 }, { n: 1.5 }, { N: 9 }])
      await refused(client().images.generate(drawing({ n: undefined, ...more })), 400, "invalid_body");
    const unnamed = new FormData();
    unnamed.set("model", modelOf("speech-to-text"));
    assert.equal((await send("audio/transcriptions", unnamed)).status, 400);
    assert.equal(JSON.stringify((await sandbox.control.state()).counters), before, "no provider heard of it");
  });

  it("takes a form as common HTTP clients write it, byte by byte, and the provider finds in it what was reckoned", async () => {
    const own = await endpoint.key();
    const authorization = `Bearer ${own.text}`;
    const fields = { model: modelOf("speech-to-text"), response_format: "text" };
    const forms = clientForms(fields, aSound());
    for (const { client: name, contentType, body } of forms) {
      const headers = { authorization, "content-type": contentType };
      const response = await send("audio/transcriptions", new Uint8Array(body), headers);
      const text = await response.text();
      assert.equal(response.status, 200, `${name}: ${text}`);
      assert.match(text, /^This is the sandbox: it does not listen/, name);
      const found = await endpoint.verify(response.headers.get("zg-res-key"), own.text);
      assert.deepEqual([found.verdict, found.request_sha256], ["verified", sha256(body)], name);
    }
    const fee = speechFee(await serviceOf("speech-to-text"), { input: 13, output: 0 });
    assert.equal(await spent(own.id), fee * BigInt(forms.length));
  });

  it("reads a number of pictures where common HTTP clients write it, as the provider does", async () => {
    const ordered = { model: modelOf("image-editing"), prompt: "make it red", n: "2" };
    for (const { client: name, contentType, body } of clientForms(ordered, aPicture(), "image")) {
      const own = await endpoint.key();
      const response = await send("images/edits", new Uint8Array(body), {
        ...{ authorization: `Bearer ${own.text}`, "content-type": contentType },
      });
      const answer: Json = await response.json();
      assert.equal(answer.data?.length, 2, `${name}: ${JSON.stringify(answer).slice(0, 300)}`);
      assert.equal(await spent(own.id), imageFee(await serviceOf("image-editing"), 2), name);
    }
  });

  it("keeps a key to its budget: the most that a recording can cost is set aside before it is sent", async () => {
    const file = await toFile(Buffer.alloc(600_000), "long.mp3");
    const most = speechFee(await serviceOf("speech-to-text"), { input: 1200, output: 0 });
    const poor = await endpoint.key({ budget: (most - 1n) as typeof most });
    const asked = { model: modelOf("speech-to-text"), file };
    await refused(client(poor.text).audio.transcriptions.create(asked), 429, "insufficient_quota");
    const five = imageFee(await serviceOf("text-to-image"), 5);
    const painter = await endpoint.key({ budget: (five - 1n) as typeof five });
    await refused(client(painter.text).images.generate(drawing({ n: 5 })), 429, "insufficient_quota");
  });
});
