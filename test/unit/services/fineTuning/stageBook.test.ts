import assert from "node:assert/strict";
import type { TaskId } from "../../../../src/domain/ids.js";
import { StageBook, taskKey } from "../../../../src/services/fineTuning/stageBook.js";
import { MemoryState } from "../../../support/ports.js";
import { aTask } from "../../../support/tasks.js";
import { scope } from "../../../support/tuningWindow.js";

const id = (n: number) => `00000000-0000-4000-8000-${n.toString().padStart(12, "0")}` as TaskId;

describe("the times of stages", () => {
  it("are kept for every task that is told of, and written only when there is something new", async () => {
    const state = new MemoryState();
    let writes = 0;
    const book = new StageBook({
      get: (key) => state.get(key),
      update: (key, value) => {
        writes++;
        return state.update(key, value);
      },
    });
    const many = Array.from({ length: 200 }, (_, n) => aTask({ id: id(n) }));
    await book.see(scope, many, 1);
    await book.see(scope, many, 2);
    assert.equal(writes, 1);
    assert.ok(many.every((task) => book.known(scope)[taskKey(task)]));
  });

  it("do not grow without end where a provider says another stage at each look", async () => {
    const book = new StageBook(new MemoryState());
    for (let now = 0; now < 200; now++)
      await book.see(scope, [aTask({ stage: now % 2 === 0 ? "SetUp" : "Training" })], now);
    const [stages] = Object.values(book.known(scope));
    assert.ok(stages && stages.length <= 30);
    assert.equal(stages.at(-1)?.at, 199);
  });
});
