// The routes that sell pictures (spec inference.md 4, 8): at once or as a job, generated or edited; signed over each picture's bytes.
import { randomUUID } from "node:crypto";
import { type Call, HttpError, sendJson } from "../loopback.js";
import { checkToken } from "../providers/admission.js";
import { startDelivery } from "../providers/delivery.js";
import type { Provider } from "../providers/provider.js";
import type { Route } from "../providers/routes.js";
import { accept, hashedRequest, type Accepted, type Reading } from "./accepting.js";
import { Jobs, type JobWork } from "./jobs.js";
import type { JobOrder } from "./keptJob.js";
import { makePictures, readEdit, readGeneration, type PictureOrder } from "./pictureOrder.js";

/** Pictures that were asked for as links. */
const mostKept = 40;
const hugeBytes = 80 * 1024 * 1024;

export type Trade = "generations" | "edits";

export function pictureRoutes(provider: Provider, trade: Trade): readonly Route[] {
  const shop = new Shop(provider, trade);
  return [
    { method: "POST", path: `/v1/proxy/images/${trade}`, handle: (call) => shop.sell(call) },
    { method: "POST", path: `/v1/async/images/${trade}`, handle: (call) => shop.order(call) },
    { method: "GET", path: "/v1/async/jobs/{id}", handle: (call, { id = "" }) => shop.look(call, id) },
    {
      method: "GET",
      path: "/v1/proxy/images/{key}/{index}",
      handle: async (call, { key = "", index = "" }) => shop.show(call, key, index),
    },
  ];
}

class Shop {
  private readonly jobs: Jobs;
  private readonly kept = new Map<string, Buffer>();
  private readonly reading: Reading<PictureOrder>;

  constructor(
    private readonly provider: Provider,
    trade: Trade,
  ) {
    this.jobs = new Jobs(provider, (order) => this.work(order));
    this.reading = {
      read: trade === "edits" ? readEdit : readGeneration,
      modelOf: ({ model }) => model,
      estimate: (order) => (trade === "edits" ? this.fee(order) : 0n),
    };
  }

  async sell(call: Call): Promise<void> {
    const { provider } = this;
    const accepted = await accept(provider, call, this.reading);
    const { admitted } = accepted;
    try {
      const key = randomUUID();
      const body = this.sold(accepted, key);
      call.response.writeHead(200, {
        ...{ ...provider.headers(), ...admitted.headers, "ZG-Res-Key": key },
        "content-type": "application/json",
        "content-length": body.length,
      });
      const delivery = startDelivery(provider, call.response);
      await delivery.write(body);
      delivery.end();
    } finally {
      admitted.done(0);
    }
  }

  async order(call: Call): Promise<void> {
    const accepted = await accept(this.provider, call, this.reading);
    accepted.admitted.done(0);
    const { user, body, contentType } = accepted;
    const taken = this.jobs.add({ user, body, contentType });
    sendJson(call.response, 202, taken, accepted.admitted.headers);
  }

  async look({ request, response }: Call, id: string): Promise<void> {
    const user = await checkToken(request.headers.authorization, this.provider.admission);
    const { headers, body } = this.jobs.look(id, user.address);
    const length = Buffer.byteLength(body);
    response.writeHead(200, { ...headers, "content-type": "application/json", "content-length": length });
    response.end(body);
  }

  show({ response }: Call, key: string, index: string): void {
    const picture = this.kept.get(`${key}/${index}`) ?? this.jobs.linked(key, index);
    if (!picture) throw new HttpError(404, { error: "image not found or expired" });
    response.writeHead(200, { "content-type": "image/png", "content-length": picture.length });
    response.end(picture);
  }

  /** Drawn, signed and billed before anything goes out: whoever has the pictures owes for them. */
  private sold({ user, body, order }: Accepted<PictureOrder>, key: string): Buffer {
    const pictures = this.make(body, order, key);
    this.provider.fees.charge(user, this.fee(order));
    if (order.isByUrl) pictures.forEach((picture, index) => this.keep(`${key}/${index}`, picture));
    return this.answer(pictures, key, order);
  }

  private work({ user, body, contentType }: JobOrder): JobWork {
    const order = this.reading.read(body, contentType);
    const key = randomUUID();
    const pictures = this.make(body, order, key);
    return {
      result: { key, body: this.answer(pictures, key, order), linked: order.isByUrl ? pictures : [] },
      bill: () => this.provider.fees.charge(user, this.fee(order)),
    };
  }

  /** Drawn and signed. */
  private make(body: Buffer, order: PictureOrder, key: string): Buffer[] {
    const { provider } = this;
    const pictures = provider.strikes("not-an-image")
      ? [Buffer.from("<!DOCTYPE html><script>alert(1)</script>")]
      : makePictures(order);
    provider.signatures.sign(key, hashedRequest(provider, body), pictures);
    return pictures;
  }

  private answer(pictures: readonly Buffer[], key: string, { isByUrl }: PictureOrder): Buffer {
    const { provider } = this;
    const data = pictures.map((picture, index) =>
      isByUrl
        ? { url: `${provider.url}/v1/proxy/images/${key}/${index}` }
        : { b64_json: picture.toString("base64") },
    );
    const filler = provider.strikes("huge-answer") ? { filler: "x".repeat(hugeBytes) } : {};
    return Buffer.from(JSON.stringify({ created: Math.floor(provider.world.now() / 1000), data, ...filler }));
  }

  private keep(name: string, picture: Buffer): void {
    this.kept.set(name, picture);
    const [oldest] = this.kept.keys();
    if (this.kept.size > mostKept && oldest !== undefined) this.kept.delete(oldest);
  }

  private fee({ count }: PictureOrder): bigint {
    return BigInt(count) * this.provider.definition.outputPrice;
  }
}
