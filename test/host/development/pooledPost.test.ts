// How questions of other programs reach a provider where a proxy leads to it: by the editor's own proxy code, in both of its ways out.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import * as vscode from "vscode";
import { pooledPost } from "../../../src/broker/inference/pooledPost.js";
import { readBytes } from "../../../src/broker/inference/providerHttp.js";
import { until } from "../../until.js";

describe("a post through the user's proxy", () => {
  const body = new TextEncoder().encode("{}");
  const { signal } = new AbortController();
  const opened: Server[] = [];
  const setting = () => vscode.workspace.getConfiguration("http");

  const portOf = async (server: Server) => {
    opened.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const answering = () =>
    createServer((request, response) => request.resume().on("end", () => response.end()));

  afterEach(async () => {
    await setting().update("proxy", undefined, vscode.ConfigurationTarget.Global);
    for (const server of opened.splice(0)) server.close().closeAllConnections();
  });

  it("goes through it, and from the second one on in the way that keeps the tunnel", async () => {
    const provider = await portOf(answering());
    const proxy = answering().on("connect", (_request, client) => {
      const tunnel = connect(provider, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 OK\r\n\r\n");
        client.pipe(tunnel).pipe(client);
      });
      client.on("error", () => tunnel.destroy());
      tunnel.on("error", () => client.destroy());
    });
    let connections = 0;
    proxy.on("connection", () => connections++);
    const address = `http://127.0.0.1:${await portOf(proxy)}`;
    await setting().update("proxy", address, vscode.ConfigurationTarget.Global);

    const byFetch = { count: 0 };
    const counted: typeof fetch = (...asked) => {
      byFetch.count++;
      return fetch(...asked);
    };
    const opening = async (post: () => Promise<unknown>) => {
      const before = connections;
      await post();
      return connections - before;
    };
    const own = async (name: string) => {
      const response = await pooledPost(counted, `http://${name}/x`, { body, signal });
      assert.equal(response.status, 200);
      await readBytes(response, 1_000);
    };
    // Nobody but the proxy knows these names. The setting arrives when it does.
    await until("the proxy is used", async () => {
      await own("first.example");
      return connections > 0;
    });
    byFetch.count = 0;
    const ours = [];
    for (let round = 0; round < 4; round++) ours.push(await opening(() => own("provider.example")));
    const theirs = [];
    for (let round = 0; round < 4; round++)
      theirs.push(
        await opening(async () => {
          const response = await fetch("http://provider.example/x", { method: "POST", body });
          await response.arrayBuffer();
        }),
      );
    assert.equal(ours[0], 1);
    assert.equal(byFetch.count, 3);
    assert.ok(
      Number(ours.at(-1)) <= Number(theirs.at(-1)),
      `${ours.join()} connections beside ${theirs.join()}`,
    );
  });
});
