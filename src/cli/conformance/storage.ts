// The sections of storage.json (its spec: section 15). Each entry runs through the code that broker and sandbox run.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { allocate } from "../../broker/wire/storage/allocation.js";
import { openEnvelope, sealEnvelope } from "../../broker/wire/storage/envelope.js";
import { parseSubmitLog, submitCalldata, type EventLog } from "../../broker/wire/storage/flow.js";
import { createKeccak, hashBytes, hashText } from "../../broker/wire/storage/hash.js";
import * as layout from "../../broker/wire/storage/layout.js";
import { fileRootOf, hashLength, Merkle } from "../../broker/wire/storage/merkle.js";
import { proofFault, segmentFault, SegmentTree, type SegmentProof } from "../../broker/wire/storage/proof.js";
import {
  nextSegmentIndex,
  selectNodes,
  type SelectionOrder,
  type ShardConfig,
} from "../../broker/wire/storage/shards.js";
import {
  foldNodes,
  identityOf,
  submissionFee,
  submissionNodes,
  type SubmissionNode,
} from "../../broker/wire/storage/submission.js";
import type { Address, Hash } from "../../domain/ids.js";
import type { Case, Section, Suite, VectorFile } from "./runner.js";
import { generatedBytes, type Generator } from "./storageBytes.js";

interface FileEntry {
  readonly id: string;
  readonly generator: Generator;
  readonly size: number;
  readonly sha256: string;
  readonly chunks: number;
  readonly paddedChunks: number;
  readonly segments: number;
  readonly paddedSegments: number;
  readonly root: Hash;
  readonly nodes: readonly SubmissionNode[];
  readonly sectors: number;
  readonly identity: Hash;
  readonly proofs: readonly ProofEntry[];
}

interface ProofEntry {
  readonly index: number;
  readonly dataBytes: number;
  readonly dataSha256: string;
  readonly leaf: Hash;
  readonly proof: SegmentProof;
}

export function storageSuite(): Suite {
  // Making it ready takes a moment: once for all sections, when the first needs it.
  let made: Promise<Merkle> | undefined;
  const merkle = () => (made ??= createKeccak().then((keccak) => new Merkle(keccak)));
  return {
    sections: [
      section("files", async (entry: FileEntry) => checkFile(await merkle(), entry)),
      section("tamperedProofs", async (entry: TamperedEntry, file) =>
        checkTampered(await merkle(), entry, file),
      ),
      {
        ...section("allocation", checkAllocation),
        entries: (found) => allocationCases(found as AllocationEntry),
      },
      {
        ...whole("submitCalldata", async (entry: CalldataEntry, file) =>
          checkCalldata(entry, file, await merkle()),
        ),
      },
      whole("submitLog", checkSubmitLog),
      section("shardSelection", checkSelection),
      section("nextSegmentIndex", (entry: ShardConfig & { readonly start: number; readonly next: number }) =>
        assert.equal(nextSegmentIndex(entry, entry.start), entry.next),
      ),
      whole("encryptionV1", checkEnvelope),
    ],
  };
}

function section<T>(name: string, run: (entry: T, file: VectorFile) => void | Promise<void>): Section {
  return { name, run: (entry, file) => run(entry as T, file) };
}

/** A section that is one case. */
function whole<T>(name: string, run: (entry: T, file: VectorFile) => void | Promise<void>): Section {
  return { ...section(name, run), entries: (entry): Case[] => [{ name, entry }] };
}

/** What a client knows of a file once it has read it. */
function hashed(merkle: Merkle, { generator, size }: Pick<FileEntry, "generator" | "size">) {
  const bytes = generatedBytes(generator, size);
  const segment = (index: number) => {
    const start = index * layout.segmentSize;
    return bytes.subarray(start, start + layout.segmentLength(size, index));
  };
  const count = layout.segmentCount(size);
  const roots = new Uint8Array(count * hashLength);
  for (let index = 0; index < count; index++)
    roots.set(merkle.segmentRoot(segment(index), layout.segmentLeafCount(size, index)), index * hashLength);
  return { bytes, segment, roots, nodes: submissionNodes(merkle, size, roots, segment(count - 1)) };
}

function checkFile(merkle: Merkle, entry: FileEntry): void {
  const { size } = entry;
  const { bytes, segment, roots, nodes } = hashed(merkle, entry);
  const { id, generator, proofs, ...expected } = entry;
  assert.ok(id && generator);
  assert.deepEqual(
    {
      size,
      sha256: sha256(bytes),
      chunks: layout.chunkCount(size),
      paddedChunks: layout.paddedChunkCount(size),
      segments: layout.segmentCount(size),
      paddedSegments: layout.paddedSegmentCount(size),
      root: hashText(fileRootOf(merkle, size, roots)),
      nodes,
      sectors: layout.sectorsOf(layout.nodeHeights(size)),
      identity: identityOf(merkle, nodes),
    },
    expected,
  );
  assert.equal(foldNodes(merkle, nodes), entry.root);
  assert.equal(submissionFee(7n, nodes), 7n * BigInt(entry.sectors));
  assert.ok(layout.isValidSubmission(size, layout.nodeHeights(size)));
  const tree = new SegmentTree(merkle, size, roots);
  for (const proof of proofs) checkProof(merkle, entry, tree, segment(proof.index), proof);
}

function checkProof(
  merkle: Merkle,
  file: FileEntry,
  tree: SegmentTree,
  bytes: Uint8Array,
  { index, ...expected }: ProofEntry,
): void {
  const data = new Uint8Array(layout.transmittedLength(file.size, index));
  data.set(bytes);
  const leaf = merkle.segmentRoot(data, layout.segmentLeafCount(file.size, index));
  const proof = tree.proof(index);
  const found = { dataBytes: data.length, dataSha256: sha256(data), leaf: hashText(leaf), proof };
  assert.deepEqual(found, expected, `segment ${index}`);
  assert.equal(segmentFault(merkle, file, index, data, expected.proof), undefined, `segment ${index}`);
}

interface TamperedEntry {
  readonly file: string;
  readonly index: number;
  readonly leafCount: number;
  readonly fileRoot: Hash;
  readonly leaf: Hash;
  readonly proof: SegmentProof;
  readonly expect: "reject";
}

function checkTampered(merkle: Merkle, entry: TamperedEntry, vectors: VectorFile): void {
  const { size, root } = fileOf(vectors, entry.file);
  assert.equal(entry.fileRoot, root);
  assert.equal(entry.leafCount, layout.paddedSegmentCount(size));
  assert.equal(entry.expect, "reject");
  const fault = proofFault(merkle, { root, size }, entry.index, hashBytes(entry.leaf), entry.proof);
  assert.notEqual(fault, undefined, "accepted");
}

function fileOf(vectors: VectorFile, id: string): FileEntry {
  const found = (vectors.files as readonly FileEntry[] | undefined)?.find((file) => file.id === id);
  assert.ok(found, `no file ${id} among the vectors`);
  return found;
}

interface AllocationEntry {
  readonly initialLength: number;
  readonly submissions: readonly SubmissionEntry[];
}

interface SubmissionEntry {
  readonly size: number;
  readonly heights: readonly number[];
  readonly startPos: number;
  readonly length: number;
  readonly submissionIndex: number;
}

/** Where a submission lands depends on those before it: a case carries where the log ends before, by our own reckoning. */
function allocationCases({ initialLength, submissions }: AllocationEntry): Case[] {
  let end = initialLength;
  return submissions.map((entry, index) => {
    const one = { name: `#${index}`, entry: { ...entry, index, before: end } };
    end = allocate(end, layout.nodeHeights(entry.size)).end;
    return one;
  });
}

function checkAllocation(entry: SubmissionEntry & { readonly index: number; readonly before: number }): void {
  const heights = layout.nodeHeights(entry.size);
  const { startPos, end } = allocate(entry.before, heights);
  assert.deepEqual(
    { heights, startPos, length: layout.sectorsOf(heights), end, submissionIndex: entry.index },
    {
      heights: entry.heights,
      startPos: entry.startPos,
      length: entry.length,
      end: entry.startPos + entry.length,
      submissionIndex: entry.submissionIndex,
    },
  );
}

interface CalldataEntry {
  readonly file: string;
  readonly tags: string;
  readonly submitter: Address;
  readonly selector: string;
  readonly calldata: string;
}

function checkCalldata(entry: CalldataEntry, vectors: VectorFile, merkle: Merkle): void {
  const file = fileOf(vectors, entry.file);
  const { nodes } = hashed(merkle, file);
  const { tags, submitter } = entry;
  const calldata = submitCalldata({ size: file.size, nodes, submitter, tags });
  assert.equal(calldata, entry.calldata);
  assert.equal(calldata.slice(0, 10), entry.selector);
}

function checkSubmitLog(entry: EventLog & { readonly decoded: Readonly<Record<string, unknown>> }): void {
  const event = parseSubmitLog(entry);
  assert.ok(event, "not read as a Submit event");
  const { sender, identity, txSeq, startPos, length, size, tags } = event;
  const found = { sender: sender.toLowerCase(), identity, submissionIndex: txSeq, startPos, length };
  assert.deepEqual({ ...found, fileSize: size, tags }, entry.decoded);
  assert.equal(layout.sectorsOf(event.nodes.map(({ height }) => height)), length);
}

interface SelectionEntry {
  readonly nodes: readonly ({ readonly url: string } & ShardConfig)[];
  readonly expectedReplica: number;
  readonly method: SelectionOrder;
  readonly ok: boolean;
  readonly selected: readonly string[];
}

function checkSelection(entry: SelectionEntry): void {
  const nodes = entry.nodes.map(({ url, shardId, numShard }) => ({ url, shard: { shardId, numShard } }));
  const selected = selectNodes(nodes, entry.expectedReplica, entry.method);
  assert.equal(selected !== undefined, entry.ok);
  assert.deepEqual(selected?.map(({ url }) => url) ?? [], entry.selected);
}

function checkEnvelope(
  entry: Readonly<Record<"keyHex" | "nonceHex" | "plaintextHex" | "streamHex", string>>,
): void {
  const [key, nonce, plain, stream] = [entry.keyHex, entry.nonceHex, entry.plaintextHex, entry.streamHex].map(
    (hex) => Buffer.from(hex, "hex"),
  ) as [Buffer, Buffer, Buffer, Buffer];
  assert.equal(Buffer.from(sealEnvelope(plain, key, nonce)).toString("hex"), entry.streamHex);
  assert.equal(Buffer.from(openEnvelope(stream, key) ?? []).toString("hex"), entry.plaintextHex);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
