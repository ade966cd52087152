import assert from "node:assert/strict";
import { BadFault, Faults, faultNames } from "../../../src/sandbox/faults.js";

const provider = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const other = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";

describe("faults", () => {
  it("strike their target only, whatever the case of its address", () => {
    const faults = new Faults();
    faults.set(provider, "status", 503);
    assert.deepEqual(faults.take(provider.toLowerCase(), "status"), { fault: "status", value: 503 });
    assert.equal(faults.take(other, "status"), undefined);
    assert.equal(faults.take(provider, "html"), undefined);
  });

  it("strike everyone when set for *", () => {
    const faults = new Faults();
    faults.set("*", "hang");
    assert.ok(faults.take(provider, "hang"));
    assert.ok(faults.take("chain", "hang"));
  });

  it("prefer the target's own over that of *", () => {
    const faults = new Faults();
    faults.set("*", "status", 500);
    faults.set(provider, "status", 404);
    assert.equal(faults.take(provider, "status")?.value, 404);
    assert.equal(faults.take(other, "status")?.value, 500);
  });

  it("end after the number of times asked for", () => {
    const faults = new Faults();
    faults.set("storage", "node-down", undefined, 2);
    assert.ok(faults.take("storage", "node-down"));
    assert.equal(faults.list()[0]?.times, 1);
    assert.ok(faults.take("storage", "node-down"));
    assert.equal(faults.take("storage", "node-down"), undefined);
    assert.deepEqual(faults.list(), []);
  });

  it("do not count a call that is not meant", () => {
    const faults = new Faults();
    faults.set("chain", "rpc-garbage", "eth_call", 1);
    assert.equal(
      faults.take("chain", "rpc-garbage", (value) => value === "eth_blockNumber"),
      undefined,
    );
    assert.ok(faults.take("chain", "rpc-garbage", (value) => value === "eth_call"));
  });

  it("refuse names, targets and counts that do not exist", () => {
    const faults = new Faults();
    assert.throws(() => faults.set("chain", "no-such-fault"), BadFault);
    assert.throws(() => faults.set("moon", "hang"), BadFault);
    assert.throws(() => faults.set("0x12", "hang"), BadFault);
    for (const times of [0, -1, 1.5, NaN])
      assert.throws(() => faults.set("chain", "hang", undefined, times), BadFault);
    assert.deepEqual(faults.list(), []);
  });

  it("are all off after clear, and tell each change", () => {
    const faults = new Faults();
    let changes = 0;
    faults.onDidChange(() => changes++);
    for (const name of faultNames) faults.set("*", name);
    assert.equal(faults.list().length, faultNames.length);
    assert.ok(faults.isOn("chain", "no-mining"));
    faults.clear();
    assert.ok(!faults.isOn("chain", "no-mining"));
    assert.equal(changes, faultNames.length + 1);
  });
});
