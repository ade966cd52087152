// The sandbox's attestation reports: complete in form, under a root of their own (spec/inference.md 10; sandbox.md 3).
import assert from "node:assert/strict";
import { createHash, createPublicKey, verify, X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import { startSandboxInProcess, type TestSandbox } from "../../support/sandbox.js";
import { type Json, SandboxUser } from "../../support/sandboxUser.js";

/** Intel's root key in raw form, published in its PCK certificate policy. */
const intelRoot =
  "040ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f567918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394";

describe("attestation reports of the sandbox", function () {
  this.timeout(60_000);
  let sandbox: TestSandbox;
  let user: SandboxUser;

  before(async () => {
    sandbox = await startSandboxInProcess();
    user = await SandboxUser.create(sandbox);
  });
  after(async () => {
    user.close();
    await sandbox.stop();
  });
  afterEach(() => sandbox.control.clear());

  const service = async (providerClass: string) => {
    const { address } = sandbox.provider(providerClass);
    return user.contract("inference").getFunction("getService")(address);
  };
  const brokerReport = async (providerClass: string) => {
    const response = await fetch(`${sandbox.provider(providerClass).url}/v1/quote`);
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type")!, /^text\/plain/);
    return JSON.parse(await response.text());
  };
  const modelReport = (providerClass: string, query = "?model=sandbox-chat") =>
    fetch(`${sandbox.provider(providerClass).url}/v1/proxy/attestation/report${query}`);

  it("hold a quote whose signatures reach the sandbox's root, which is not Intel's", async () => {
    const { certificates, isSigned, isKeyBound, isReportSigned } = takeApart(
      Buffer.from((await brokerReport("combined")).quote, "hex"),
    );
    assert.deepEqual([isSigned, isKeyBound, isReportSigned], [true, true, true]);
    const [leaf, platform, root] = certificates;
    assert.ok(leaf!.verify(platform!.publicKey) && leaf!.checkIssued(platform!));
    assert.ok(platform!.verify(root!.publicKey) && platform!.checkIssued(root!));
    assert.ok(root!.verify(root!.publicKey));
    const rootKey = root!.publicKey.export({ type: "spki", format: "der" }).subarray(-65).toString("hex");
    assert.notEqual(rootKey, intelRoot);
    assert.match(root!.subject, /not Intel/);
  });

  it("repeat in the quote what the log, the compose file and the signer say", async () => {
    const report = await brokerReport("separated");
    const { body } = takeApart(Buffer.from(report.quote, "hex"));
    const info = JSON.parse(report.tcb_info);
    const log = JSON.parse(report.event_log);
    const at = (offset: number, size = 48) => body.subarray(offset, offset + size).toString("hex");
    assert.equal(at(520, 64), Buffer.from(report.report_data, "base64").toString("hex"));
    assert.equal(at(120, 1), "00", "not debuggable");
    assert.deepEqual(
      [at(136), at(328), at(376), at(424), at(472)],
      [info.mrtd, info.rtmr0, info.rtmr1, info.rtmr2, info.rtmr3],
    );
    for (const imr of [0, 1, 2, 3]) assert.equal(at(328 + 48 * imr), replay(log, imr));
    const compose = createHash("sha256").update(info.app_compose).digest("hex");
    assert.equal(log.find((event: Json) => event.event === "compose-hash").event_payload, compose);
    assert.equal(at(184, 33), `01${compose}`);
    for (const event of log.filter((one: Json) => one.imr === 3))
      assert.equal(event.digest, runtimeDigest(event));
  });

  it("name the registered signer in the broker's layout, and say that this is a sandbox", async () => {
    for (const providerClass of ["combined", "separated", "centralized"]) {
      const report = await brokerReport(providerClass);
      const named = Buffer.from(report.report_data, "base64").toString("ascii").replaceAll("\0", "");
      const { teeSignerAddress, additionalInfo } = await service(providerClass);
      assert.equal(named, teeSignerAddress);
      assert.equal(JSON.parse(report.vm_config).sandbox, true);
      assert.ok(JSON.parse(report.tcb_info).app_compose.includes(JSON.parse(additionalInfo).ImageDigest));
    }
  });

  it("of the model's enclave bind its key and the nonce that was asked for", async () => {
    const nonce = "ab".repeat(32);
    const report: Json = await (await modelReport("separated", `?model=sandbox-chat&nonce=${nonce}`)).json();
    const { body, isSigned } = takeApart(Buffer.from(report.intel_quote, "hex"));
    const { additionalInfo } = await service("separated");
    const address = JSON.parse(additionalInfo).TargetTeeAddress as string;
    assert.ok(isSigned);
    assert.equal(report.signing_address, address);
    assert.equal(report.request_nonce, nonce);
    assert.equal(
      body.subarray(520, 584).toString("hex"),
      address.slice(2).toLowerCase() + "00".repeat(12) + nonce,
    );
  });

  it("of the model's enclave do not exist where a company runs the model", async () => {
    assert.equal((await modelReport("centralized")).status, 501);
  });

  it("can be spoilt in every part", async () => {
    const { address } = sandbox.provider("combined");
    const spoilt = async (value?: string) => {
      await sandbox.control.fault(address, "wrong-quote", value);
      return brokerReport("combined");
    };
    const signer = Buffer.from((await spoilt()).report_data, "base64")
      .toString("ascii")
      .replaceAll("\0", "");
    assert.notEqual(signer, (await service("combined")).teeSignerAddress);
    const compose = await spoilt("compose");
    const hash = createHash("sha256").update(JSON.parse(compose.tcb_info).app_compose).digest("hex");
    assert.ok(!compose.event_log.includes(hash));
    assert.equal(takeApart(Buffer.from((await spoilt("signature")).quote, "hex")).isSigned, false);
    const debug = takeApart(Buffer.from((await spoilt("debug")).quote, "hex"));
    assert.deepEqual([debug.body[120], debug.isSigned], [1, true]);
    assert.equal((await spoilt("empty")).quote, "");
  });

  it("name a vendor whose certificate can be fetched and is the one in the routing proof", async () => {
    const provider = sandbox.provider("centralized");
    await user.pay(provider);
    const answer = await user.chat(provider);
    const { tls_cert_fingerprint } = await user.signature(provider, answer);
    const list: Json = await (await fetch(`${provider.url}/v1/models`)).json();
    const [host, port] = list.data[0].serving_domain.split(":");
    const raw = await new Promise<Buffer>((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port, servername: host, rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().raw);
        socket.end();
      });
      socket.once("error", reject);
    });
    assert.equal(createHash("sha256").update(raw).digest("hex"), tls_cert_fingerprint);
  });
});

/** The layout of spec/inference.md 10.5, read independently of the code that writes it. */
function takeApart(quote: Buffer) {
  const signed = quote.subarray(0, 632);
  assert.deepEqual([quote.readUInt16LE(0), quote.readUInt16LE(2), quote.readUInt32LE(4)], [4, 2, 0x81]);
  assert.equal(quote.readUInt32LE(632), quote.length - 636);
  const signature = quote.subarray(636, 700);
  const key = quote.subarray(700, 764);
  assert.equal(quote.readUInt16LE(764), 6);
  const report = quote.subarray(770, 770 + 384);
  const reportSignature = quote.subarray(1154, 1218);
  const authSize = quote.readUInt16LE(1218);
  const auth = quote.subarray(1220, 1220 + authSize);
  const chainAt = 1220 + authSize;
  assert.equal(quote.readUInt16LE(chainAt), 5);
  const size = quote.readUInt32LE(chainAt + 2);
  const pem = quote.subarray(chainAt + 6, chainAt + 6 + size).toString("ascii");
  const certificates = [...pem.matchAll(/-----BEGIN[^]*?-----END CERTIFICATE-----/g)].map(
    ([text]) => new X509Certificate(text),
  );
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: key.subarray(0, 32).toString("base64url"),
    y: key.subarray(32).toString("base64url"),
  };
  const attestationKey = createPublicKey({ key: jwk, format: "jwk" });
  const check = (bytes: Buffer, by: typeof attestationKey, raw: Buffer) =>
    verify("sha256", bytes, { key: by, dsaEncoding: "ieee-p1363" }, raw);
  return {
    body: quote.subarray(48, 632),
    certificates,
    isSigned: check(signed, attestationKey, signature),
    isKeyBound: createHash("sha256").update(key).update(auth).digest().equals(report.subarray(320, 352)),
    isReportSigned: check(report, certificates[0]!.publicKey, reportSignature),
  };
}

function replay(log: Json[], imr: number): string {
  return log
    .filter((event) => event.imr === imr)
    .reduce(
      (value: Buffer, event) =>
        createHash("sha384").update(value).update(Buffer.from(event.digest, "hex")).digest(),
      Buffer.alloc(48),
    )
    .toString("hex");
}

function runtimeDigest({ event_type, event, event_payload }: Json): string {
  const type = Buffer.alloc(4);
  type.writeUInt32LE(event_type);
  return createHash("sha384")
    .update(Buffer.concat([type, Buffer.from(`:${event}:`), Buffer.from(event_payload, "hex")]))
    .digest("hex");
}
