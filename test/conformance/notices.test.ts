import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

describe("third-party notices", () => {
  it("name every package that is in the bundles, with its licence", () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--import", "tsx", "src/cli/notices.ts", "--check"],
      {
        encoding: "utf8",
      },
    );
    assert.equal(status, 0, stderr);
  });
});
