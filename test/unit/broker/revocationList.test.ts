// Which revocation lists are taken.
import assert from "node:assert/strict";
import { sign, X509Certificate } from "node:crypto";
import { isCurrentList } from "../../../src/broker/attestation/revocationList.js";
import { bits, objectId, sequence, set, utcTime, utf8 } from "../../../src/sandbox/attestation/der.js";
import { now, TestEnclave } from "../../support/reports.js";

const enclave = new TestEnclave();
const { root, platform } = enclave.authority;

function list(key: string, thisUpdate = "260501000000Z", nextUpdate = "260701000000Z"): Buffer {
  const algorithm = sequence(objectId("1.2.840.10045.4.3.2"));
  const name = sequence(set(sequence(objectId("2.5.4.3"), utf8("issuer"))));
  const body = sequence(algorithm, name, utcTime(thisUpdate), utcTime(nextUpdate));
  return sequence(body, algorithm, bits(sign("sha256", body, key)));
}

describe("a revocation list", () => {
  const issuer = new X509Certificate(root.certificate);

  it("counts when its issuer signed it and it is of this time", () => {
    assert.ok(isCurrentList(list(root.key), issuer, now));
  });

  it("does not count by another key, of another time, or with one bit turned anywhere", () => {
    assert.ok(!isCurrentList(list(platform.key), issuer, now));
    assert.ok(!isCurrentList(list(root.key, "260701000000Z", "260801000000Z"), issuer, now));
    assert.ok(!isCurrentList(list(root.key, "260401000000Z", "260501000000Z"), issuer, now));
    const bytes = list(root.key);
    for (let at = 0; at < bytes.length; at++) {
      const turned = Buffer.from(bytes);
      turned.writeUInt8(turned.readUInt8(at) ^ (1 << (at % 8)), at);
      assert.ok(!isCurrentList(turned, issuer, now), `byte ${at}`);
    }
    for (const none of [Buffer.alloc(0), Buffer.from("3082"), Buffer.alloc(1000, 0x30)])
      assert.ok(!isCurrentList(none, issuer, now));
  });
});
