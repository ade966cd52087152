import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { serveLoopback, type HttpCall, type HttpServer } from "../../../src/system/loopbackHttp.js";

const piece = new Uint8Array(1024 * 1024);

describe("An answer to a program of this machine", () => {
  let server: HttpServer;
  afterEach(() => server.close());

  const serve = async (answer: (call: HttpCall) => Promise<void>, stallMs?: number) => {
    const calls: Promise<void>[] = [];
    server = await serveLoopback(0, (call) => void calls.push(answer(call)), stallMs);
    const socket = connect(server.port, "127.0.0.1").on("error", () => undefined);
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");
    return { socket, calls };
  };

  it("ends when the program reads nothing any more, and waits for one that reads slowly", async () => {
    let isLeft: boolean | undefined;
    const pieces = async (call: HttpCall) => {
      call.head(200, []);
      for (let sent = 0; sent < 64 && !call.signal.aborted; sent++) await call.write(piece);
      isLeft = call.signal.aborted;
      call.end();
    };
    const deaf = await serve(pieces, 200);
    deaf.socket.pause();
    await once(deaf.socket, "connect");
    while (deaf.calls.length === 0) await new Promise((done) => setImmediate(done));
    await deaf.calls[0];
    assert.equal(isLeft, true);
    await server.close();
    const { socket, calls } = await serve(pieces);
    let read = 0;
    for await (const part of socket) {
      read += (part as Buffer).length;
      if (isEnd(part as Buffer)) break;
      await new Promise((done) => setImmediate(done));
    }
    await calls[0];
    assert.equal(isLeft, false);
    assert.ok(read > 64 * piece.length);
  });

  for (const [what, waits] of [
    ["by itself when its first bytes take long", true],
    ["before the connection breaks", false],
  ] as const)
    it(`has its head sent ${what}`, async () => {
      let heard = (): void => undefined;
      const isHeard = new Promise<void>((resolve) => (heard = resolve));
      const { socket } = await serve(async (call) => {
        call.head(200, [["x-told", "yes"]]);
        if (waits) await isHeard;
        call.cut();
      });
      const [head] = (await once(socket, "data")) as [Buffer];
      heard();
      assert.match(head.toString(), /^HTTP\/1\.1 200 OK\r\nx-told: yes\r\n/);
      await once(socket, "close");
    });

  it("is over before it is begun when the program has left by the time its question is read", async () => {
    const { socket, calls } = await serve(async (call) => {
      if (!call.signal.aborted) await once(call.signal, "abort");
      await assert.rejects(call.body(10), { name: "AbortError" });
    });
    while (calls.length === 0) await new Promise((done) => setImmediate(done));
    socket.destroy();
    await calls[0];
  });

  it("says what it is when the question is no HTTP", async () => {
    server = await serveLoopback(0, () => assert.fail("it was served"));
    for (const [head, status] of [
      ["Content-Length: 1\r\nContent-Length: 2", "400 Bad Request"],
      [`X: ${"x".repeat(20_000)}`, "431 Request Header Fields Too Large"],
    ] as const) {
      const socket = connect(server.port, "127.0.0.1");
      socket.write(`GET / HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n`);
      const [answer] = (await once(socket, "data")) as [Buffer];
      assert.ok(answer.toString().startsWith(`HTTP/1.1 ${status}\r\n`), answer.toString());
      socket.destroy();
    }
  });

  it("is over for every question of a connection when the program leaves, also for those behind one that is answered", async () => {
    const written: boolean[] = [];
    server = await serveLoopback(0, (call) => void answers.push(answer(call)));
    const answers: Promise<void>[] = [];
    const answer = async (call: HttpCall) => {
      const isFirst = answers.length === 0;
      call.head(200, []);
      // The first goes on for ever; of the others there is more than what waits for its turn.
      do await call.write(isFirst ? piece.subarray(0, 1) : piece);
      while (isFirst && !call.signal.aborted && (await new Promise((done) => setTimeout(done, 5, true))));
      written.push(call.signal.aborted);
    };
    const socket = connect(server.port, "127.0.0.1").on("error", () => undefined);
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3));
    while (answers.length < 2) await new Promise((done) => setImmediate(done));
    socket.destroy();
    await Promise.all(answers);
    assert.deepEqual(written, [...written].fill(true));
  });
});

/** The last piece of a chunked answer. */
function isEnd(part: Buffer): boolean {
  return part.subarray(-5).toString() === "0\r\n\r\n";
}
