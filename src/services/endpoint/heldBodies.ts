// The bodies of requests that are under way, of all programs together: they wait in memory for their turn, and so does the editor's own work.
import type { HttpCall } from "../../system/loopbackHttp.js";
import { RefusalError } from "./refusal.js";

const usualMost = 256 * 1024 * 1024;

export class HeldBodies {
  private bytes = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly most = usualMost,
  ) {}

  /**
   * Reads the body; it counts until the work is over. Throws what is wrong with it before it is read: one whose length is not told counts as the
   * longest until it is there.
   */
  async during<T>(call: HttpCall, work: (body: Uint8Array<ArrayBuffer>) => Promise<T>): Promise<T> {
    const told = Number(call.header("content-length") ?? this.maxBytes);
    let counted = 0;
    const count = (size: number) => {
      if (this.bytes - counted + size > this.most) throw new RefusalError({ kind: "tooManyBodies" });
      this.bytes += size - counted;
      counted = size;
    };
    try {
      if (told <= this.maxBytes) count(told); // else it is not held
      const body = await call.body(this.maxBytes);
      if (!body) throw new RefusalError({ kind: "bodyTooLarge" });
      count(body.length);
      return await work(body);
    } finally {
      this.bytes -= counted;
    }
  }
}
