// Loaded with -r into the VS Code server: answers POST /mint-key, with which the browser encrypts SecretStorage.
// Unanswered, every secret would be gone after a reload.
// @ts-nocheck: patches a method whatever its arguments are.
"use strict";
const fs = require("node:fs");
const http = require("node:http");

const keyFile = process.env.ZG_EDITOR_MINT_KEY_FILE;
const tokenFile = process.env.ZG_EDITOR_TOKEN_FILE;
// The extension host inherits -r and the environment; extensions have no business with these files.
delete process.env.ZG_EDITOR_MINT_KEY_FILE;
delete process.env.ZG_EDITOR_TOKEN_FILE;

if (keyFile) {
  const key = fs.readFileSync(keyFile);
  const token = tokenFile ? fs.readFileSync(tokenFile, "utf8").trim() : undefined;
  const emit = http.Server.prototype.emit;

  // The same cookie that the server itself asks for: without it any local program could fetch the key.
  const isAllowed = (req) =>
    token === undefined ||
    String(req.headers.cookie ?? "")
      .split(";")
      .some((cookie) => cookie.trim() === `vscode-tkn=${encodeURIComponent(token)}`);

  http.Server.prototype.emit = function (event, req, res) {
    if (event !== "request" || !req.url.split("?")[0].endsWith("/mint-key"))
      return emit.apply(this, arguments);
    const allowed = req.method === "POST" && isAllowed(req);
    res.writeHead(allowed ? 200 : 403, { "content-type": "application/octet-stream" });
    res.end(allowed ? key : undefined);
    return true;
  };
}
