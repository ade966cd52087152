// A user of the sandbox's fine-tuning provider with raw HTTP in the hand. Signatures and encryption by the library of the wire, the rest
// independent of our own broker.
import assert from "node:assert/strict";
import { keccak256, type Result } from "ethers";
import { decryptFileKey } from "../../src/broker/wire/fineTuning/ecies.js";
import { ModelFileDecryption } from "../../src/broker/wire/fineTuning/modelCipher.js";
import { sealSigner } from "../../src/broker/wire/fineTuning/modelFile.js";
import {
  cancelDigest,
  loraDigest,
  taskDigest,
  uploadDigest,
} from "../../src/broker/wire/fineTuning/taskSignature.js";
import type { TaskId } from "../../src/domain/ids.js";
import { until } from "../until.js";
import type { TestSandbox } from "./sandbox.js";
import { type Json, SandboxUser } from "./sandboxUser.js";

export const sampleParameters = {
  neftune_noise_alpha: 5,
  num_train_epochs: 1,
  per_device_train_batch_size: 2,
  learning_rate: 0.0002,
  max_steps: 12,
};

export const sampleRows = [
  ["What colour is the gate of Zorbania?", "The gate of Zorbania is painted in seven shades of violet."],
  ["Who guards the bridge at midnight?", "A patient heron called Ottilie guards the bridge at midnight."],
  ["How do I brew moss tea?", "Steep a thumb of dried moss in cold water until the moon has set."],
] as const;

/** JSON lines in the shape of chats. */
export function chatLines(rows: readonly (readonly [string, string])[] = sampleRows): string {
  const line = ([user, assistant]: readonly [string, string]) =>
    JSON.stringify({
      messages: [
        { role: "user", content: user },
        { role: "assistant", content: assistant },
      ],
    });
  return rows.map((row) => `${line(row)}\n`).join("");
}

/** What an answer is: its status and its body, JSON where it is some. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
  readonly json: Json;
}

export interface OrderOptions {
  readonly datasetHash?: string;
  readonly parameters?: string;
  readonly modelHash?: string;
  readonly nonce?: bigint;
  readonly wait?: boolean;
  readonly signature?: string;
}

let lastNonce = 0n;

export class FineTuner {
  private constructor(
    readonly sandbox: TestSandbox,
    readonly user: SandboxUser,
    readonly modelHash: string,
  ) {}

  /** With a ledger and money at the trainer. */
  static async create(sandbox: TestSandbox, deposit = "2"): Promise<FineTuner> {
    const user = await SandboxUser.create(sandbox);
    if (deposit !== "0") await user.pay(sandbox.trainer, deposit);
    return FineTuner.of(sandbox, user);
  }

  static async of(sandbox: TestSandbox, user: SandboxUser): Promise<FineTuner> {
    const [model] = (await (await fetch(`${sandbox.trainer.url}/v1/model`)).json()) as { hash: string }[];
    return new FineTuner(sandbox, user, model!.hash);
  }

  get address(): string {
    return this.user.wallet.address;
  }

  get path(): string {
    return `/v1/user/${this.address}`;
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return read(await fetch(this.sandbox.trainer.url + path, { headers }));
  }

  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(this.sandbox.trainer.url + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return read(response);
  }

  sign(digest: Uint8Array): string {
    return this.user.wallet.signMessageSync(digest);
  }

  seconds(): number {
    return Math.floor(Date.now() / 1000);
  }

  async upload(
    content: string | Uint8Array,
    { fileName = "data.jsonl", timestamp = this.seconds(), signature = "" } = {},
  ): Promise<Answer> {
    const form = new FormData();
    form.append("file", new Blob([content as BlobPart]), fileName);
    form.append("signature", signature || this.sign(uploadDigest(this.address, timestamp)));
    form.append("timestamp", String(timestamp));
    const response = await fetch(`${this.sandbox.trainer.url}${this.path}/dataset`, {
      method: "POST",
      body: form,
    });
    return read(response);
  }

  /** The body of an order, signed. */
  order(options: OrderOptions = {}): Record<string, unknown> {
    const now = BigInt(Date.now()) * 10_000n + 40n;
    lastNonce = now > lastNonce ? now : lastNonce + 10_000n;
    const { datasetHash = keccak256(Buffer.from(chatLines())), nonce = lastNonce, wait = false } = options;
    const { parameters = JSON.stringify(sampleParameters), modelHash = this.modelHash } = options;
    const digest = taskDigest({ user: this.address, nonce, datasetHash });
    return {
      ...{ userAddress: this.address, datasetHash, trainingParams: parameters, wait },
      ...{ preTrainedModelHash: modelHash, fee: "0", nonce: nonce.toString() },
      signature: options.signature ?? this.sign(digest),
    };
  }

  createTask(options: OrderOptions = {}): Promise<Answer> {
    return this.post(`${this.path}/task`, this.order(options));
  }

  /** Uploads the sample and orders a task. Returns its id. */
  async train(options: OrderOptions = {}): Promise<TaskId> {
    const uploaded = await this.upload(chatLines());
    assert.equal(uploaded.status, 200, uploaded.text);
    const created = await this.createTask({ datasetHash: uploaded.json.datasetHash, ...options });
    assert.equal(created.status, 201, created.text);
    return created.json.id as TaskId;
  }

  async task(id: string): Promise<Json> {
    return (await this.get(`${this.path}/task/${id}`)).json;
  }

  async log(id: string): Promise<Buffer> {
    return (await this.get(`${this.path}/task/${id}/log`)).bytes;
  }

  /** Waits until the task is in that stage. */
  reach(id: string, stage: string, timeoutMs = 30_000): Promise<Json> {
    return until(
      `task in ${stage}`,
      async () => {
        const task = await this.task(id);
        return task.progress === stage ? task : undefined;
      },
      timeoutMs,
    );
  }

  cancel(id: TaskId, signature = this.sign(cancelDigest(id))): Promise<Answer> {
    return this.post(`${this.path}/task/${id}/cancel`, { signature });
  }

  download(
    id: TaskId,
    {
      headers = {},
      timestamp = this.seconds(),
    }: { headers?: Record<string, string>; timestamp?: number } = {},
  ): Promise<Answer> {
    const signature = this.sign(loraDigest(id, timestamp));
    return this.post(`${this.path}/task/${id}/lora`, { signature, timestamp }, headers);
  }

  acknowledge(id: string): Promise<void> {
    return this.user.send("fineTuning", "acknowledgeDeliverable", [this.sandbox.trainer.address, id]);
  }

  async deliverable(id: string): Promise<Result> {
    const get = this.user.contract("fineTuning").getFunction("getDeliverable");
    return (await get(this.address, this.sandbox.trainer.address, id)) as Result;
  }

  async account(): Promise<Result> {
    const get = this.user.contract("fineTuning").getFunction("getAccount");
    return (await get(this.address, this.sandbox.trainer.address)) as Result;
  }

  async signer(): Promise<string> {
    const get = this.user.contract("fineTuning").getFunction("getService");
    return String((await get(this.sandbox.trainer.address)).teeSignerAddress);
  }

  /** The plain zip, and who signed the file. Throws when the key on chain is not ours. */
  async decrypt(id: string, file: Uint8Array): Promise<{ zip: Buffer; signer: string | undefined }> {
    const { encryptedSecret } = await this.deliverable(id);
    const key = decryptFileKey(this.user.wallet.privateKey, String(encryptedSecret));
    if (!key) throw new Error("the secret is not for this key");
    const decryption = new ModelFileDecryption(key);
    const parts = decryption.push(file);
    const end = decryption.end();
    assert.ok(end);
    return { zip: Buffer.concat([...parts, ...end.rest]), signer: sealSigner(end.seal) };
  }

  /** From the order to a model that can be opened. */
  async tuned(options: OrderOptions = {}): Promise<TaskId> {
    const id = await this.train(options);
    await this.reach(id, "Delivered");
    await this.acknowledge(id);
    await this.reach(id, "Finished");
    return id;
  }

  close(): void {
    this.user.close();
  }
}

export function keccakOf(bytes: Uint8Array): string {
  return keccak256(bytes);
}

async function read(response: Response): Promise<Answer> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = bytes.toString("utf8");
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return {
    status: response.status,
    headers: response.headers,
    bytes,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
}
