// The Flow contract, which orders all files in one log and takes the fee, and the Market behind it (spec storage.md 5).
import { Interface } from "ethers";
import type { Address, Hash } from "../../../domain/ids.js";
import { parseHash } from "./hash.js";
import type { SubmissionNode } from "./submission.js";

const nodes = "(bytes32 root, uint256 height)[] nodes";
const data = `(uint256 length, bytes tags, ${nodes})`;
const submission = `(${data} data, address submitter) submission`;

const flowFragments: readonly string[] = [
  `function submit(${submission}) payable returns (uint256 index, bytes32 digest, uint256 startIndex, uint256 length)`,
  `function batchSubmit((${data} data, address submitter)[] submissions) payable returns (uint256[] indexes, bytes32[] digests, uint256[] startIndexes, uint256[] lengths)`,
  "function market() view returns (address)",
  "function submissionIndex() view returns (uint256)",
  "function numSubmissions() view returns (uint256)",
  "function tree() view returns (uint256 currentLength, uint256 unstagedHeight)",
  "function firstBlock() view returns (uint256)",
  "function paused() view returns (bool)",
  `event Submit(address indexed sender, bytes32 indexed identity, uint256 submissionIndex, uint256 startPos, uint256 length, ${data} submission)`,
  "event NewEpoch(address indexed sender, uint256 indexed index, bytes32 startMerkleRoot, uint256 submissionIndex, uint256 flowLength, bytes32 context)",
  "error NotEnoughFee(uint256 price, uint256 amount, uint256 paid)",
  "error EnforcedPause()",
];

const marketFragments: readonly string[] = ["function pricePerSector() view returns (uint256)"];

// Memos of values that never change, built when first asked for: parsing the fragments takes milliseconds.
let flow: Interface | undefined;
let market: Interface | undefined;

export function flowInterface(): Interface {
  return (flow ??= new Interface(flowFragments));
}

export function marketInterface(): Interface {
  return (market ??= new Interface(marketFragments));
}

export interface Submission {
  /** Bytes of the file. */
  readonly size: number;
  readonly nodes: readonly SubmissionNode[];
  /** Whom the log names; anybody may pay for anybody. */
  readonly submitter: Address;
  /** 0x hex; nothing by default. */
  readonly tags?: string;
}

/** The argument of `submit`, as ethers takes it. */
export function submitArguments({ size, nodes, submitter, tags = "0x" }: Submission): readonly unknown[] {
  return [[[size, tags, nodes.map(({ root, height }) => [root, height])], submitter]];
}

export function submitCalldata(submission: Submission): string {
  return flowInterface().encodeFunctionData("submit", submitArguments(submission));
}

/** An entry of the log, as its event tells it. */
export interface SubmitEvent {
  /** The submitter named in the submission, not who paid. */
  readonly sender: Address;
  /** Of the nodes' roots; not the file root. */
  readonly identity: Hash;
  readonly txSeq: number;
  readonly startPos: number;
  /** Sectors. */
  readonly length: number;
  readonly size: number;
  readonly tags: string;
  readonly nodes: readonly SubmissionNode[];
}

export interface EventLog {
  readonly topics: readonly string[];
  readonly data: string;
}

export function submitTopic(): string {
  return flowInterface().getEvent("Submit")?.topicHash ?? "";
}

/** Undefined for a log of another event, and for one that cannot be read. That it is the Flow contract's own is the caller's to check. */
export function parseSubmitLog(log: EventLog): SubmitEvent | undefined {
  if (log.topics[0]?.toLowerCase() !== submitTopic()) return undefined;
  try {
    const args = flowInterface().parseLog(log)?.args;
    return args && readSubmit(args.toArray(true) as unknown as SubmitFields);
  } catch {
    return undefined; // not what the event says it holds
  }
}

type SubmitFields = readonly [
  sender: Address,
  identity: string,
  submissionIndex: bigint,
  startPos: bigint,
  length: bigint,
  submission: readonly [length: bigint, tags: string, nodes: readonly (readonly [string, bigint])[]],
];

function readSubmit([sender, identity, submissionIndex, startPos, length, submission]: SubmitFields):
  SubmitEvent | undefined {
  const numbers = [submissionIndex, startPos, length, submission[0]].map(Number);
  const nodes = submission[2].map(([root, height]) => ({ root: parseHash(root), height: Number(height) }));
  const hash = parseHash(identity);
  if (hash === undefined || !numbers.every(Number.isSafeInteger)) return undefined;
  const [txSeq = 0, start = 0, sectors = 0, size = 0] = numbers;
  return {
    ...{ sender, identity: hash, txSeq, startPos: start, length: sectors, size, tags: submission[1] },
    nodes: nodes.flatMap(({ root, height }) => (root === undefined ? [] : [{ root, height }])),
  };
}
