// fine-tuning.json through the runner: whole, and when something in it was changed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { casesOf, runFile, type Counts } from "../../src/cli/conformance/runner.js";
import { createSuites } from "../../src/cli/conformance/suites.js";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- vectors as they were parsed, changed by the test
type Entry = Record<string, any>;

const path = join(import.meta.dirname, "../fixtures/vectors/fine-tuning.json");
const vectors = () => JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;

async function run(file: object): Promise<Counts & { lines: string[] }> {
  const lines: string[] = [];
  const counts = await runFile("file.json", JSON.stringify(file), createSuites(), (line) => lines.push(line));
  return { ...counts, lines };
}

describe("fine-tuning vectors", function () {
  this.timeout(120_000);

  it("hold whole", async () => {
    const { passed, failed, skipped, lines } = await run(vectors());
    assert.deepEqual(lines, []);
    assert.deepEqual({ failed, skipped }, { failed: 0, skipped: 0 });
    assert(passed >= 221, `only ${passed} cases`);
  });

  // One thing of one entry is changed: each section must notice.
  const damages: [section: string, name: string, damage: (entry: Entry) => void][] = [
    ["nonce", "#0", (entry) => (entry.nonce = "17989284469620041")],
    ["nonce", "#1", (entry) => (entry.asJsNumberString = "17978192483080041")],
    ["createTask", "keccak", (entry) => flip(entry, "packed")],
    ["createTask", "keccak", (entry) => flip(entry, "digest")],
    ["createTask", "keccak", (entry) => flip(entry, "eip191Digest")],
    ["createTask", "keccak", (entry) => flip(entry, "signature")],
    ["createTask", "keccak", (entry) => flip(entry, "recoveredPublicKeyUncompressed")],
    ["createTask", "storage-root", (entry) => (entry.requestBody.fee = "1")],
    ["createTask", "storage-root", (entry) => (entry.requestBody.extra = "")],
    ["cancelTask", "#0", (entry) => flip(entry, "taskIdBytes")],
    ["cancelTask", "#0", (entry) => (entry.requestBody.taskId = entry.taskId)],
    ["loraDownload", "#0", (entry) => flip(entry, "message")],
    ["loraDownload", "#0", (entry) => (entry.requestBody.timestamp = `${entry.timestamp}`)],
    ["datasetUpload", "#1", (entry) => flip(entry, "userAddressInUrlAndMessage")],
    ["datasetUpload", "#1", (entry) => (entry.formFields.timestamp = entry.timestamp)],
    ["datasetHash", "unicode", (entry) => flip(entry, "keccak256")],
    ["datasetHash", "unicode", (entry) => flip(entry, "storageMerkleRoot")],
    ["trainingParams", "#0", (entry) => (entry.accepted = false)],
    ["trainingParams", "#2", (entry) => (entry.error = "neftune_noise_alpha must be a number")],
    ["jsonlUpload", "trailing comma", (entry) => (entry.accepted = true)],
    ["jsonlUpload", "BOM", (entry) => (entry.error = "")],
    ["datasetConversion", "alpaca", (entry) => (entry.viaTeeUpload[1].row.input = "x")],
    ["datasetConversion", "text", (entry) => (entry.viaTeeUpload = entry.via0gStorage)],
    ["fee", "#0", (entry) => (entry.tokens = "10001")],
    ["fee", "#2", (entry) => (entry.priceCoefficient = "1")],
    ["fee", "#3", (entry) => (entry.penaltyIfUnacknowledged30pct = "1")],
    ["adapterName", "#2", (entry) => (entry.brokerName = entry.officialSdkName)],
    ["ecies", "go tiny", (entry) => flip(entry, "plaintext")],
    ["ecies", "go tiny", (entry) => flip(entry, "ciphertext")],
    ["eciesInvalid", "wrong recipient", (entry) => (entry.recipientPrivateKey = userKey())],
    ["model", "go: tiny", (entry) => flip(entry, "aesKey")],
    ["model", "go: tiny", (entry) => flip(entry, "expectedSigner")],
    ["model", "go: tiny", (entry) => flip(entry, "headerSignature")],
    ["model", "go: tiny", (entry) => flip(entry, "iv")],
    ["model", "go: tiny", (entry) => flip(entry, "tags")],
    ["model", "go: tiny", (entry) => flip(entry, "tagsKeccak256")],
    ["model", "go: tiny", (entry) => flip(entry, "fileKeccak256")],
    ["model", "go: tiny", (entry) => flip(entry, "fileStorageMerkleRoot")],
    ["model", "go: tiny", (entry) => flip(entry, "encryptedSecret")],
    ["model", "go: tiny", (entry) => (entry.plaintextBase64 = "eA==")],
    ["modelInvalid", "tag bit flipped", (entry) => (entry.fileBase64 = rightFile())],
    ["settlement", "#0", (entry) => flip(entry, "domainSeparator")],
    ["settlement", "#0", (entry) => flip(entry, "structHash")],
    ["settlement", "#0", (entry) => flip(entry, "digest")],
    ["settlement", "#0", (entry) => flip(entry, "signature")],
    ["settlement", "#0", (entry) => flip(entry, "settleFeesCalldata")],
    ["settlement", "#0", (entry) => (entry.domain.chainId = 1)],
    ["settlement", "#0", (entry) => (entry.types.VerifierMessage[0].type = "bytes")],
    ["logs", "LoRA trainer, clean", (entry) => (entry.losses[0].epoch = 0.6)],
    ["logs", "LoRA trainer, clean", (entry) => (entry.finalTrainLoss = null)],
    ["logs", "failed container", (entry) => (entry.finalTrainLoss = 1)],
  ];
  for (const [section, name, damage] of damages)
    it(`notice a change in ${section} "${name}" (${damage
      .toString()
      .replace(/^.*=> ?/, "")
      .slice(0, 60)})`, async () => {
      const { keys, nonce, [section]: part } = vectors();
      damage(casesOf(part).find((one) => one.name === name)!.entry as Entry);
      const { failed, lines } = await run({ keys, nonce, [section]: part }); // nonce: other kinds of files share names of sections
      assert.equal(failed, 1, lines.join("\n"));
      assert(lines[0]?.startsWith(`FAILED file.json ${section} "${name}"`), lines[0]);
    });

  // Sections that are one object.
  const objects: [section: string, damage: (section: Entry) => void][] = [
    ["createTaskLegacyFee", (section) => (section.fee = "1")],
    ["eciesDeterministic", (section) => flip(section, "hkdfInput")],
    ["eciesDeterministic", (section) => flip(section, "sharedPointUncompressed")],
    ["eciesDeterministic", (section) => flip(section, "aesKey")],
    ["eciesDeterministic", (section) => flip(section, "tag")],
    ["eciesDeterministic", (section) => flip(section, "plaintext")],
    ["modelInvalidBase", (section) => (section.plaintextBase64 = "")],
    ["contract", (section) => flip(section.selectors, "lockTime()")],
    ["contract", (section) => flip(section.errors, "ServiceNotExist(address)")],
    ["contract", (section) => flip(section.errorsNotInTheNpmAbi, "CannotAbandonSettledDeliverable(string)")],
    ["contract", (section) => flip(section.events, "ServiceRemoved(address)")],
    ["contract", (section) => flip(section.calls[0], "calldata")],
    ["contract", (section) => (section.calls[2].decoded.settled = false)],
    ["contract", (section) => (section.reverts[0].args = ["x"])],
    ["progress", (section) => section.cancellable.push("Training")],
    ["progress", (section) => (section.finished = [])],
  ];
  for (const [section, damage] of objects)
    it(`notice a change in ${section} (${damage
      .toString()
      .replace(/^.*=> ?/, "")
      .slice(0, 60)})`, async () => {
      const { keys, createTask, [section]: part } = vectors();
      damage(part as Entry);
      const needed = section === "createTaskLegacyFee" ? { createTask } : {};
      const { failed, lines } = await run({ keys, ...needed, [section]: part });
      assert.equal(failed, 1, lines.join("\n"));
      assert(lines[0]?.startsWith(`FAILED file.json ${section} `), lines[0]);
    });

  it("notice a change in the recipe of two chunks, and in what comes of it", async () => {
    const { keys, modelTwoChunksRecipe: recipe } = vectors() as { keys: object; modelTwoChunksRecipe: Entry };
    const { dropLastChunk, fileLength } = recipe;
    assert.equal((await run({ keys, modelTwoChunksRecipe: recipe })).passed, 9);
    const changed = { ...recipe, fileLength: 1, dropLastChunk: { ...dropLastChunk, fileLength } };
    flip(changed, "plaintextSha256");
    flip(changed, "ivOfSecondChunk");
    const { failed, lines } = await run({ keys, modelTwoChunksRecipe: changed });
    assert.equal(failed, 4, lines.join("\n"));
  });
});

function flip(entry: Entry, field: string): void {
  const text = String(entry[field]);
  entry[field] = text.slice(0, -1) + (text.endsWith("1") ? "2" : "1");
}

function userKey(): string {
  return (vectors().keys as { user: { privateKey: string } }).user.privateKey;
}

function rightFile(): string {
  return (vectors().modelInvalidBase as { fileBase64: string }).fileBase64;
}
