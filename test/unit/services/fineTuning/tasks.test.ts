import assert from "node:assert/strict";
import { RunStore } from "../../../../src/services/fineTuning/runStore.js";
import { TasksService } from "../../../../src/services/fineTuning/tasks.js";
import { House, World } from "../../../support/house.js";
import { createOperationLog } from "../../../../src/system/operationLog.js";

describe("The tasks", () => {
  it("say which setting cannot be used, and keep no other view from saying it", async () => {
    const world = new World();
    const house = new House(world);
    const { clock, log, state, settings } = world;
    const logs = createOperationLog("unused");
    const random = (bytes: number) => new Uint8Array(bytes);
    const store = new RunStore({ logs, clock, random });
    const tasks = new TasksService({
      session: house.session,
      ...{ store, state, clock, log, everyMs: () => 1000 },
    });
    settings.set({ network: "custom", customNetwork: {} });
    await Promise.all([tasks.refresh(), house.providers.refresh()]);
    assert.equal(tasks.state.error?.code, "badSetting");
    assert.equal(house.providers.state.error?.code, "badSetting");
    tasks.dispose();
    house.abandon();
  });
});
