// What users owe and how it is settled (spec/inference.md 4, 6.6; contracts.md 6.5).
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSandboxInProcess, type TestSandbox } from "../../support/sandbox.js";
import { events, SandboxUser } from "../../support/sandboxUser.js";
import { until } from "../../until.js";

describe("fees of the sandbox's providers", function () {
  this.timeout(60_000);
  let state: string;
  let sandbox: TestSandbox;
  let user: SandboxUser;

  beforeEach(async () => {
    state = mkdtempSync(join(tmpdir(), "sandbox-fees-"));
    sandbox = await startSandboxInProcess({ state });
    user = await SandboxUser.create(sandbox);
    for (const provider of sandbox.ready.providers) await user.pay(provider);
  });
  afterEach(async () => {
    user.close();
    await sandbox.stop();
    rmSync(state, { recursive: true, force: true });
  });

  const owed = async (providerClass: string) => {
    const provider = sandbox.provider(providerClass);
    const response = await fetch(`${provider.url}/v1/user/${user.wallet.address}/unsettledfee`, {
      headers: { authorization: user.bearer(provider) },
    });
    assert.equal(response.status, 200);
    const { unsettledFee, userAddress } = (await response.json()) as Record<string, string>;
    assert.equal(userAddress, user.wallet.address);
    return BigInt(unsettledFee!);
  };
  const balance = async (providerClass: string) => {
    const { address } = sandbox.provider(providerClass);
    const account = await user.contract("inference").getFunction("getAccount")(user.wallet.address, address);
    return account.balance as bigint;
  };

  it("are tokens times the prices on chain, with the tier of a long prompt", async () => {
    for (const providerClass of ["combined", "centralized"]) {
      const provider = sandbox.provider(providerClass);
      const service = await user.contract("inference").getFunction("getService")(provider.address);
      const long = "word ".repeat(providerClass === "centralized" ? 6000 : 10);
      const answer = await user.chat(provider, long, true);
      const { prompt_tokens, completion_tokens } = events(answer.body).at(-1)!.usage;
      const [times, timesOut] = providerClass === "centralized" ? [4n, 2n] : [1n, 1n];
      if (providerClass === "centralized") assert.ok(prompt_tokens > 4096);
      assert.equal(
        await owed(providerClass),
        BigInt(prompt_tokens) * service.inputPrice * times +
          BigInt(completion_tokens) * service.outputPrice * timesOut,
      );
    }
  });

  it("are told to the user alone", async () => {
    const provider = sandbox.provider("combined");
    const url = `${provider.url}/v1/user/${provider.address}/unsettledfee`;
    assert.equal((await fetch(url)).status, 400);
    assert.equal((await fetch(url, { headers: { authorization: user.bearer(provider) } })).status, 403);
  });

  it("are charged on chain for every class, in full and once", async () => {
    for (const providerClass of ["combined", "separated", "centralized"]) {
      const before = await balance(providerClass);
      await user.chat(sandbox.provider(providerClass));
      const fee = await owed(providerClass);
      assert.ok(fee > 0n);
      assert.equal(await balance(providerClass), before);
      await Promise.all([sandbox.control.settle(), sandbox.control.settle()]);
      assert.equal(await balance(providerClass), before - fee);
      assert.equal(await owed(providerClass), 0n);
      await sandbox.control.settle();
      assert.equal(await balance(providerClass), before - fee);
    }
  });

  it("are still owed when the signer is not acknowledged, and charged later", async () => {
    const { address } = sandbox.provider("combined");
    await user.chat(sandbox.provider("combined"));
    await sandbox.control.fault(address, "rotate-signer", "unacknowledged");
    assert.equal((await user.chat(sandbox.provider("combined"))).status, 400);
    const fee = await owed("combined");
    await sandbox.control.settle();
    assert.equal(await owed("combined"), fee);
    await sandbox.control.clear();
    await user.chat(sandbox.provider("combined"));
    await sandbox.control.settle();
    assert.equal(await owed("combined"), 0n);
  });

  it("survive while the chain does not mine, and are not charged twice", async () => {
    await user.chat(sandbox.provider("combined"));
    const before = await balance("combined");
    const fee = await owed("combined");
    await sandbox.control.fault("chain", "no-mining");
    await sandbox.control.settle();
    await sandbox.control.settle();
    assert.equal(await owed("combined"), fee);
    await sandbox.control.clear();
    await sandbox.control.settle();
    assert.equal(await owed("combined"), 0n);
    assert.equal(await balance("combined"), before - fee);
  });

  it("and signatures of answers are kept over a restart", async () => {
    const answer = await user.chat(sandbox.provider("combined"));
    const before = await user.signature(sandbox.provider("combined"), answer);
    user.close();
    await sandbox.stop();
    sandbox = await startSandboxInProcess({ state });
    user = SandboxUser.connect(sandbox, user.wallet.privateKey);
    // The first try may go to a connection of before.
    const after = await until("it is asked for", () => user.signature(sandbox.provider("combined"), answer));
    assert.deepEqual(after, before);
  });

  it("are kept over a restart, and settled at the end of a run", async () => {
    await user.chat(sandbox.provider("combined"));
    const fee = await owed("combined");
    const before = await balance("combined");
    user.close();
    await sandbox.stop();
    sandbox = await startSandboxInProcess({ state });
    user = SandboxUser.connect(sandbox, user.wallet.privateKey);
    const kept = await sandbox.control.state();
    assert.deepEqual(kept.unsettled[sandbox.provider("combined").address], {});
    assert.equal(await owed("combined"), 0n);
    assert.equal(await balance("combined"), before - fee);
  });
});
