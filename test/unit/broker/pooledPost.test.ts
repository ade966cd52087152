import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, globalAgent, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSocketServer, type AddressInfo, type Server } from "node:net";
import { gzipSync } from "node:zlib";
import { pooledPost } from "../../../src/broker/inference/pooledPost.js";
import { readBytes } from "../../../src/broker/inference/providerHttp.js";

describe("A POST by Node's own http", () => {
  const opened: Server[] = [];
  const body = new TextEncoder().encode("{}");
  const signal = new AbortController().signal;

  const portOf = async (server: Server) => {
    opened.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const serving = async (answer: (response: ServerResponse, request: IncomingMessage) => void) => {
    const server = createServer((request, response) => {
      request.resume().on("end", () => answer(response, request));
    });
    return { server, url: `http://127.0.0.1:${await portOf(server)}/` };
  };
  const textOf = async (url: string) => {
    const response = await pooledPost(fetch, url, { body, signal });
    return new TextDecoder().decode(await readBytes(response, 1_000));
  };

  afterEach(() => {
    for (const server of opened.splice(0)) {
      server.close();
      if ("closeAllConnections" in server) (server as ReturnType<typeof createServer>).closeAllConnections();
    }
  });

  it("keeps its connection for the next one", async () => {
    let connections = 0;
    const { server, url } = await serving((response, { headers }) => response.end(headers.connection));
    server.on("connection", () => connections++);
    for (let round = 0; round < 3; round++) {
      assert.equal(await textOf(url), "keep-alive");
      await new Promise((done) => setImmediate(done));
    }
    assert.equal(connections, 1);
  });

  it("hands back every status and its headers, and follows no redirect", async () => {
    const { url } = await serving((response) =>
      response.writeHead(307, { location: "/elsewhere", "zg-res-key": "one" }).end("moved"),
    );
    const response = await pooledPost(fetch, url, { body, signal });
    assert.deepEqual([response.status, response.ok], [307, false]);
    assert.equal(response.headers.get("zg-res-key"), "one");
  });

  it("undoes a compression that nobody asked for", async () => {
    const { url } = await serving((response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("squeezed")),
    );
    assert.equal(await textOf(url), "squeezed");
  });

  it("leaves a compression as it is that nobody knows, whatever it is called", async () => {
    for (const encoding of ["zstd", "constructor", "__proto__"]) {
      const { url } = await serving((response) =>
        response.writeHead(200, { "content-encoding": encoding }).end("as it came"),
      );
      assert.equal(await textOf(url), "as it came", encoding);
    }
  });

  it("does not take a part for the whole", async () => {
    const { url } = await serving((response) => {
      response.writeHead(200, { "content-length": "100" }).write("a part", () => response.destroy());
    });
    await assert.rejects(textOf(url), { code: "ECONNRESET" });
  });

  it("does not take a part of what is compressed for the whole", async () => {
    const { url } = await serving((response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      response.write(gzipSync("squeezed").subarray(0, 12), () => response.destroy());
    });
    await assert.rejects(textOf(url));
  });

  it("ends with its signal, before the headers and after them", async () => {
    const silent = await serving(() => undefined);
    const early = new AbortController();
    const asking = pooledPost(fetch, silent.url, { body, signal: early.signal });
    setTimeout(() => early.abort(), 50);
    await assert.rejects(asking, { name: "AbortError" });

    const stalled = await serving((response) => void response.writeHead(200).write("first"));
    const late = new AbortController();
    const reader = (await pooledPost(fetch, stalled.url, { body, signal: late.signal })).body?.getReader();
    assert.ok((await reader?.read())?.value);
    setTimeout(() => late.abort(), 50);
    await assert.rejects(async () => reader?.read());
  });

  it("waits no longer for an agent that brings no socket, as behind a proxy that is silent", async () => {
    const silent = Object.assign(globalAgent, { createConnection: () => undefined });
    try {
      const asking = pooledPost(fetch, "http://127.0.0.1:1/", { body, signal }, 100);
      await assert.rejects(asking, { code: "UND_ERR_CONNECT_TIMEOUT" });
      const stopped = pooledPost(fetch, "http://127.0.0.1:1/", { body, signal: AbortSignal.timeout(50) });
      await assert.rejects(stopped, { name: "AbortError" });
    } finally {
      Reflect.deleteProperty(silent, "createConnection"); // its class has the true one
    }
  });

  it("waits so long for a connection, and longer for an answer", async () => {
    const mute = createSocketServer((socket) => socket.on("error", () => undefined));
    const url = `https://127.0.0.1:${await portOf(mute)}/`;
    await assert.rejects(pooledPost(fetch, url, { body, signal }, 100), { code: "UND_ERR_CONNECT_TIMEOUT" });
    const slow = await serving((response) => void setTimeout(() => response.end("late"), 300));
    const response = await pooledPost(fetch, slow.url, { body, signal }, 100);
    assert.equal(response.status, 200);
    await readBytes(response, 1_000);
  });
});
