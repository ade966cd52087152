// Programs that go on asking the local endpoint after the user has stopped the sandbox.
import assert from "node:assert/strict";
import { TestEndpoint } from "../support/endpoint.js";
import { House, World } from "../support/house.js";

describe("The local endpoint of a sandbox that the user has stopped", function () {
  this.timeout(60_000);
  const world = new World();
  let house: House;
  let endpoint: TestEndpoint;

  before(async () => {
    house = new House(world);
    await house.trySandbox.run();
    endpoint = await new TestEndpoint(house).start();
  });
  after(async () => {
    await endpoint?.close();
    house?.abandon();
    await world.launcher.stop();
  });

  it("does not start it again, and says what would", async () => {
    const { text } = await endpoint.key();
    const models = () => fetch(`${endpoint.url}/models`, { headers: { authorization: `Bearer ${text}` } });
    assert.equal((await models()).status, 200);
    await house.sandbox.stop();
    const refused = await models();
    assert.equal(refused.status, 503);
    const { error } = (await refused.json()) as { error: { code: string; message: string } };
    assert.equal(error.code, "sandbox_stopped");
    assert.match(error.message, /Start sandbox/);
    assert.deepEqual([house.sandbox.state.kind, world.launcher.starts], ["stopped", 1]);
    await house.sandbox.start();
    assert.equal((await models()).status, 200);
    assert.equal(world.launcher.starts, 2);
  });

  it("serves again once another window has started it", async () => {
    const { text } = await endpoint.key();
    const models = () => fetch(`${endpoint.url}/models`, { headers: { authorization: `Bearer ${text}` } });
    await house.sandbox.stop();
    assert.equal((await models()).status, 503);
    const other = new House(world);
    await other.sandbox.start();
    assert.equal((await models()).status, 200);
    assert.deepEqual([house.sandbox.state.kind, house.sandbox.isJoined], ["ready", true]);
    other.abandon();
  });
});
