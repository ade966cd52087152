// mocha's own spec report, closing counts included; the counts and the failed tests' names once more as JSON for test/run.mjs.
import { writeFileSync } from "node:fs";
import Mocha from "mocha";

/** Writes `{ passes, failures, pending, failed, repeated, brokeOff }` to the file that ZG_TEST_RESULT names. */
export default class SpecWithCounts extends Mocha.reporters.Spec {
  /**
   * @param {Mocha.Runner} runner
   * @param {Mocha.MochaOptions} options
   */
  constructor(runner, options) {
    super(runner, options);
    const failed = /** @type {string[]} */ ([]);
    const repeated = /** @type {string[]} */ ([]);
    // Where a hook fails, mocha leaves out the tests behind it: to run one of them again would not be enough.
    let brokeOff = false;
    runner.on("fail", (test) => {
      failed.push(test.fullTitle());
      brokeOff ||= String(test.type) === "hook";
    });
    runner.on("retry", (test, error) => {
      repeated.push(test.fullTitle());
      console.log(`      failed, and runs once more: ${error.message}`);
    });
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      if (process.env.ZG_TEST_RESULT)
        writeFileSync(
          process.env.ZG_TEST_RESULT,
          JSON.stringify({ passes, failures, pending, failed, repeated, brokeOff }),
        );
    });
  }
}
