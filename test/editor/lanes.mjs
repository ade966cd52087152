// Which VS Code each lane runs, and the integrity of every archive it is made of.
// A lane is the VS Code server inside an npm package, started with a Node of the major version it was built for.

/**
 * @typedef {{ name: string, version: string, integrity: string }} Archive
 * @typedef {{ name: "latest" | "oldest", vscode: string, server: Archive, node: string }} Lane
 */

/** @type {Record<"latest" | "oldest", Lane>} */
export const lanes = {
  latest: {
    name: "latest",
    vscode: "1.139.1",
    server: {
      name: "code-server",
      version: "4.139.1",
      integrity:
        "sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==",
    },
    node: "24.21.0",
  },
  oldest: {
    name: "oldest",
    vscode: "1.100.3",
    server: {
      name: "code-server",
      version: "4.100.3",
      integrity:
        "sha512-q/Fh2DOxCRNhC/WiG/6sAhSKnj7ZACTVBaeeZ+rWjol//0FCbl/qg1ln5ecZ99jYcfqMxZZAyWcN+YBIo0DgpA==",
    },
    node: "20.20.2",
  },
};

/** Node itself, by version and processor. arm64 is untried here. */
export const nodeArchives = {
  "24.21.0": {
    x64: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
    arm64: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
  },
  "20.20.2": {
    x64: "sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==",
    arm64: "sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==",
  },
};

/**
 * The lanes to run: both, or the one that VSCODE_LANE names.
 * @param {NodeJS.ProcessEnv} env
 * @param {("latest" | "oldest")[]} [usual] what to run when the variable is not set
 * @returns {Lane[]}
 */
export function chosenLanes(env = process.env, usual = ["latest", "oldest"]) {
  const wanted = env.VSCODE_LANE;
  if (!wanted) return usual.map((name) => lanes[name]);
  if (wanted !== "latest" && wanted !== "oldest")
    throw new Error(`VSCODE_LANE is "${wanted}"; it can be "latest" or "oldest".`);
  return [lanes[wanted]];
}
