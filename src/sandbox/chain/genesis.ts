// Build time only: deploys the network's contracts by the nonce table of spec/sandbox.md section 1 and writes the chain as an image.
// The bytecode comes from the official npm packages in node_modules; it is never part of the repository.
import { createRequire } from "node:module";
import * as path from "node:path";
import { HDNodeWallet, Interface, Mnemonic, Transaction, concat, parseEther } from "ethers";
import { developmentMnemonic } from "../../broker/wallet/developmentKeys.js";
import { Faults } from "../faults.js";
import { Engine } from "./engine.js";
import type { Hex } from "./hex.js";
import { quantity } from "./hex.js";
import { type ChainImage, packImage } from "./image.js";
import { cloneOf } from "./minimalProxy.js";
import { baseFeePerGas, chainId, contractAddresses } from "./rules.js";
import type { StateDump } from "./state.js";

const fundedAccounts = 10;
const accountBalance = parseEther("100000");

/** 2026-01-01T00:00:00Z, so that equal inputs give equal bytes. */
const genesisTimestamp = 1767225600;
const secondsOfDeployment = 16;

const lockTime = 86400;
const penaltyPercentage = 30;
/** 33 0G per GiB and year, as the live networks were deployed (spec/storage.md). */
const pricePerSector = (33n * 10n ** 18n) / 2n ** 30n;
/** So many that no mining epoch ever ends. */
const blocksPerEpoch = 1_000_000_000n;
/** Creates a contract of one STOP: takes money and does nothing. */
const rewardStub = "0x6001600081600b8239f300";

interface Artifact {
  abi: ConstructorParameters<typeof Interface>[0];
  bytecode: string;
}

interface Step {
  step: string;
  to?: string;
  data: string;
  creates?: string;
}

/** One deployment transaction as it came out. */
export interface Deployed {
  nonce: number;
  step: string;
  address?: Hex;
  gasUsed: bigint;
}

/** The bytes of dist/genesis.bin; the same bytes for the same packages. `root` is the folder that has node_modules. */
export async function buildGenesis(root: string): Promise<Uint8Array> {
  const { image } = await deployContracts(root);
  return packImage(image);
}

/** Runs the deployment; throws when a step fails or a contract lands elsewhere than the table says. */
export async function deployContracts(root: string): Promise<{ image: ChainImage; steps: Deployed[] }> {
  let now = genesisTimestamp;
  const engine = await Engine.start({ image: emptyChain(), faults: new Faults(), now: () => now * 1000 });
  const owner = developmentAccount(0);
  const steps: Deployed[] = [];
  for (const [nonce, { step, to, data, creates }] of deployment(root, owner.address).entries()) {
    now = genesisTimestamp + Math.min(nonce + 1, secondsOfDeployment);
    const tx = Transaction.from({
      type: 2,
      chainId,
      nonce,
      to: to ?? null,
      data,
      gasLimit: 12_000_000n,
      maxFeePerGas: baseFeePerGas,
      maxPriorityFeePerGas: 0n,
    });
    tx.signature = owner.signingKey.sign(tx.unsignedHash);
    const [hash] = await engine.send([tx.serialized]);
    const mined = hash && engine.blocks.transaction(hash)?.tx;
    if (!mined || mined.status !== 1) throw new Error(`${step} failed`);
    if (creates !== undefined && mined.contract !== creates.toLowerCase())
      throw new Error(`${step} landed on ${mined.contract}, not on ${creates}`);
    steps.push({ nonce, step, address: mined.contract, gasUsed: BigInt(mined.gasUsed) });
  }
  // The owner pays no gas for the deployment: every account starts with a round sum.
  await engine.setBalance(owner.address.toLowerCase() as Hex, accountBalance);
  return { image: { ...engine.image(), entry: 0, offset: 0 }, steps };
}

function deployment(root: string, owner: string): Step[] {
  const { ledger, inference, fineTuning, flow, market } = artifacts(root);
  const at = contractAddresses;
  const filler = (name: string): Step => ({ step: `${name} filler self-transfer`, to: owner, data: "0x" });
  const call = (step: string, to: string, { abi }: Artifact, method: string, args: unknown[]): Step => ({
    step,
    to,
    data: new Interface(abi).encodeFunctionData(method, args),
  });
  const register = (kind: string, service: string, text: string): Step[] => [
    call(`LedgerManager.registerService(${kind})`, at.ledger, ledger, "registerService", [
      kind,
      "v1.0",
      service,
      text,
    ]),
    call(`LedgerManager.setRecommendedService(${kind})`, at.ledger, ledger, "setRecommendedService", [
      kind,
      "v1.0",
    ]),
  ];
  return [
    { step: "LedgerManager implementation", data: ledger.bytecode },
    filler("LedgerManager"),
    { step: "LedgerManager EIP-1167 clone", data: cloneOf(implementations[0]), creates: at.ledger },
    call("LedgerManager.initialize", at.ledger, ledger, "initialize", [owner]),
    { step: "InferenceServing implementation", data: inference.bytecode },
    filler("InferenceServing"),
    { step: "InferenceServing EIP-1167 clone", data: cloneOf(implementations[1]), creates: at.inference },
    call("InferenceServing.initialize", at.inference, inference, "initialize", [lockTime, at.ledger, owner]),
    ...register("inference", at.inference, "inference serving"),
    { step: "FineTuningServing implementation", data: fineTuning.bytecode },
    filler("FineTuningServing"),
    { step: "FineTuningServing EIP-1167 clone", data: cloneOf(implementations[2]), creates: at.fineTuning },
    call("FineTuningServing.initialize", at.fineTuning, fineTuning, "initialize", [
      lockTime,
      at.ledger,
      owner,
      penaltyPercentage,
    ]),
    ...register("fine-tuning", at.fineTuning, "fine-tuning serving"),
    { step: "reward stub", data: rewardStub, creates: at.reward },
    { step: "FixedPriceFlow", data: concat([flow.bytecode, word(0n)]), creates: at.flow },
    { step: "FixedPrice", data: market.bytecode, creates: at.market },
    call("FixedPrice.initialize", at.market, market, "initialize", [pricePerSector, at.flow, at.reward]),
    call("FixedPriceFlow.initialize", at.flow, flow, "initialize", [at.market, blocksPerEpoch]),
  ];
}

/** Where nonces 0, 4 and 10 of the owner put the implementations. */
const implementations = [
  "0x5FbDB2315678afecb367f032d93F642f64180aa3",
  "0xDc64a140Aa3E981100a9becA4E685f962f0cF6C9",
  "0x610178dA211FEF7D417bC0e6FeD39F05609AD788",
] as const;

function artifacts(
  root: string,
): Record<"ledger" | "inference" | "fineTuning" | "flow" | "market", Artifact> {
  const require = createRequire(path.join(root, "package.json"));
  const load = (pack: string, file: string, name: string): Artifact => {
    const module = require(path.join(path.dirname(require.resolve(pack)), file)) as Record<string, Artifact>;
    const artifact = module[name];
    if (!artifact) throw new Error(`${pack} has no ${name}`);
    return artifact;
  };
  const serving = (folder: string, name: string) =>
    load(
      "@0gfoundation/0g-compute-ts-sdk",
      `${folder}/contract/typechain/factories/${name}__factory.js`,
      `${name}__factory`,
    );
  const storage = (folder: string, name: string) =>
    load("@0gfoundation/0g-ts-sdk", `contracts/${folder}/factories/${name}__factory.js`, `${name}__factory`);
  return {
    ledger: serving("ledger", "LedgerManager"),
    inference: serving("inference", "InferenceServing"),
    fineTuning: serving("fine-tuning", "FineTuningServing"),
    flow: storage("flow", "FixedPriceFlow"),
    market: storage("market", "FixedPrice"),
  };
}

function emptyChain(): ChainImage {
  const state: StateDump = {};
  for (let index = 0; index < fundedAccounts; index++)
    state[developmentAccount(index).address.toLowerCase()] = {
      balance: quantity(accountBalance),
      nonce: "0x0",
    };
  const none = word(0n);
  const first = {
    number: 0,
    hash: `0x${"00".repeat(31)}01` as Hex,
    parentHash: none,
    timestamp: genesisTimestamp,
    stateRoot: none,
    transactionsRoot: none,
    receiptsRoot: none,
    gasUsed: "0x0" as Hex,
    txs: [],
  };
  return { version: 1, entry: 0, root: none, state, blocks: [first], pool: [], offset: 0 };
}

function developmentAccount(index: number): HDNodeWallet {
  return HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(developmentMnemonic), `m/44'/60'/0'/0/${index}`);
}

function word(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, "0")}`;
}
