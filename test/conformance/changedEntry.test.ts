// A provider that writes itself anew on the chain while a question about it is open, or between two questions, over the real sandbox: what
// the user wrote goes where the user looked, or nowhere.
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { comfortableBalance } from "../../src/services/money/paying.js";
import { TestEndpoint } from "../support/endpoint.js";
import { houseInSandbox, type HouseInSandbox } from "../support/house.js";
import { SandboxUser } from "../support/sandboxUser.js";
import { until } from "../until.js";

describe("A provider that changes its entry on the chain", function () {
  this.timeout(120_000);
  let here: HouseInSandbox;
  let server: Server;
  let thief: string[];
  /** Who may write the provider's entry, and who vouches for its key. */
  let owns: Record<"provider" | "owner", SandboxUser>;

  beforeEach(async () => {
    here = await houseInSandbox();
    const { sandbox, provider } = here;
    thief = [];
    server = createServer((request, response) => {
      thief.push(`${request.method} ${request.url}`);
      response.writeHead(500).end();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const keyOf = (isIt: (account: (typeof sandbox.ready.accounts)[number]) => boolean) =>
      SandboxUser.connect(sandbox, sandbox.ready.accounts.find(isIt)!.privateKey);
    owns = {
      provider: keyOf(({ address }) => address.toLowerCase() === provider.toLowerCase()),
      owner: keyOf(({ role }) => role === "owner"),
    };
  });
  afterEach(async () => {
    for (const user of Object.values(owns)) user.close();
    await here.house.chat.close();
    here.house.abandon();
    await here.world.launcher.stop();
    await new Promise((done) => server.close(done));
  });

  /** Another server, another key, a relay to a company. */
  const rewrite = async (isVouchedFor: boolean): Promise<void> => {
    const { provider } = here;
    const now = await owns.provider.contract("inference").getFunction("getService")(provider);
    const { serviceType, model, verifiability, inputPrice, outputPrice } = now;
    const info = {
      ...JSON.parse(now.additionalInfo),
      ProviderType: "centralized",
      ProviderIdentity: "a company",
    };
    const entry = {
      ...{ serviceType, model, verifiability, inputPrice, outputPrice },
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      additionalInfo: JSON.stringify(info),
      teeSignerAddress: "0x00000000000000000000000000000000000000ee",
    };
    const update = owns.provider.contract("inference").getFunction("addOrUpdateService");
    await (await update(entry, { gasLimit: 3_000_000n })).wait(); // an estimate is of the block before
    if (isVouchedFor) await owns.owner.send("inference", "acknowledgeTEESignerByOwner", [provider]);
  };
  /** Verified once, and then with another key in its report: the next message asks. */
  const verifyAndChange = async () => {
    const { house, sandbox, provider } = here;
    await house.enclaves.verify(provider, "inference");
    await sandbox.control.fault(provider, "wrong-quote", "signer");
    await house.enclaves.verify(provider, "inference");
    await sandbox.control.clear();
  };
  const ask = async () => {
    const { house, provider, model } = here;
    const { id } = house.chat.create({ provider, model });
    await house.chat.send(id, "My secret question");
    return house.chat.get(id)!.turns.at(-1)!.answer;
  };
  const prompts = () => thief.filter((line) => line.startsWith("POST"));
  /** Yes to everything, and meanwhile the provider acts, once. */
  const whileOpen = (act: () => Promise<void>, isAgreed = () => true) => {
    let acting: Promise<void> | undefined;
    here.house.dialogs.answer = async () => {
      await (acting ??= act());
      return isAgreed();
    };
  };

  it("while its change is asked about is asked about again, and a no sends nothing anywhere", async () => {
    await verifyAndChange();
    const { dialogs } = here.house;
    whileOpen(
      () => rewrite(true),
      () => dialogs.asked.length < 2,
    );
    assert.equal((await ask()).state, "stopped");
    assert.equal(dialogs.asked.length, 2);
    assert.match(dialogs.asked[1]?.detail ?? "", /127\.0\.0\.1:\d+ now/);
    assert.deepEqual(thief, []);
  });

  it("is refused where only private providers are allowed, whatever was agreed to before", async () => {
    await verifyAndChange();
    here.world.settings.set({ privateOnly: true });
    whileOpen(() => rewrite(true));
    const { error } = await ask();
    const facts = { provider: here.provider, service: "inference", why: "relays" };
    assert.deepEqual([error?.code, error?.facts], ["privateOnly", facts]);
    assert.deepEqual(thief, []);
  });

  it("to a key that the operator does not vouch for gets nothing, and the user is told", async () => {
    await verifyAndChange();
    whileOpen(() => rewrite(false));
    const { error } = await ask();
    const facts = { provider: here.provider, by: "owner" };
    assert.deepEqual([error?.code, error?.facts], ["notAcknowledged", facts]);
    assert.deepEqual(thief, []);
  });

  it("while the first consent is open is asked about anew, in the words of the new entry", async () => {
    const { house, sandbox, provider } = here;
    const network = house.session.network();
    const { wallet } = await house.wallets.create({ name: "Mine", network });
    await house.wallets.switch(wallet.id, network);
    await sandbox.control.fund(wallet.address, "20");
    await house.accounts.topUp(
      await house.accounts.planTopUp("inference", provider, comfortableBalance),
      "chat",
    );
    house.dialogs.asked.splice(0);
    whileOpen(
      () => rewrite(true),
      () => house.dialogs.asked.length < 2,
    );
    assert.equal((await ask()).state, "stopped");
    const details = house.dialogs.asked.map(({ detail }) => detail);
    assert.equal(details.length, 2);
    assert.doesNotMatch(details[0] ?? "", /a company/);
    assert.match(details[1] ?? "", /a company/);
    assert.equal(house.limits.consent(house.session.scope()!, provider), undefined, "no consent was given");
    assert.deepEqual(prompts(), []);
  });

  it("is asked about at the very next message, however young what was read of it is", async () => {
    const { house, provider } = here;
    await house.enclaves.verify(provider, "inference");
    assert.equal((await ask()).state, "done");
    await rewrite(true);
    house.dialogs.answer = false;
    assert.equal((await ask()).state, "stopped");
    assert.equal(house.dialogs.asked.length, 1);
    assert.deepEqual(thief, []);
  });

  for (const told of ["by others before it", "by the provider"])
    it(`gets nothing of a question that had to wait, ${told}, and that costs nothing`, async () => {
      const { house, sandbox, provider } = here;
      const scope = house.session.scope()!;
      const setAside = () => house.journal.entries(scope).length;
      const first = await ask(); // the entry was read a moment ago
      await until("it is paid", () => setAside() === 0);
      const others: ReturnType<typeof ask>[] = [];
      if (told === "by the provider") {
        await sandbox.control.fault(provider, "rate-limit-body", "Retry after 2 seconds", 1);
      } else {
        await sandbox.control.fault(provider, "slow-stream", 20);
        for (let count = 0; count < 5; count++) others.push(ask());
        await until("five are under way", () => setAside() === 5);
      }
      const late = ask();
      await until("it is on its way", () => setAside() === others.length + 1);
      await rewrite(true);
      const { state, error } = await late;
      assert.deepEqual([state, error?.code], ["failed", "providerUnavailable"]);
      assert.deepEqual(prompts(), []);
      const answers = [first, ...(await Promise.all(others))];
      assert.ok(answers.every((answer) => answer.state === "done"));
      await until("nothing is set aside", () => setAside() === 0);
      const sum = answers.reduce((all, { cost }) => all + cost!, 0n);
      assert.equal(house.limits.spentAt(scope, provider), sum);
    });

  it("gets nothing of what a program asks", async () => {
    const { house, provider, model } = here;
    await house.accounts.refresh();
    await house.enclaves.verify(provider, "inference");
    const endpoint = await new TestEndpoint(house).start();
    try {
      const { text } = await endpoint.key();
      const authorization = `Bearer ${text}`;
      const post = () =>
        fetch(`${endpoint.url}/chat/completions`, {
          method: "POST",
          headers: { "content-type": "application/json", authorization },
          body: JSON.stringify({ model, messages: [{ role: "user", content: "My secret question" }] }),
        });
      const first = await post();
      assert.equal(first.status, 200);
      await first.text();
      // Its check reads the chain.
      await endpoint.verify(first.headers.get("zg-res-key"), text);
      await rewrite(true);
      await post(); // for ten seconds at the address that was looked at
      assert.deepEqual(thief, []);
      await (await house.session.broker()).inference.getService(provider, { maxAgeMs: 0 });
      const refused = await post();
      assert.equal(refused.status, 403);
      assert.equal(((await refused.json()) as { error: { code: string } }).error.code, "enclave_changed");
      assert.deepEqual(thief, []);
    } finally {
      await endpoint.close();
    }
  });
});
