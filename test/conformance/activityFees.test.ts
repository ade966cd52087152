// What left a wallet, to the last neuron: every transaction of it is sent over the real contracts, and the rows of the activity add up to
// the difference of its balance.
import assert from "node:assert/strict";
import type { TransactionRequest, Wallet } from "ethers";
import type { ActivityBroker } from "../../src/broker/activity/api.js";
import { createBroker } from "../../src/broker/broker.js";
import { contractInterface, type ContractName } from "../../src/broker/contracts/interfaces.js";
import { submitCalldata } from "../../src/broker/wire/storage/flow.js";
import type { ChainHistory, Movement } from "../../src/domain/activity.js";
import type { Address } from "../../src/domain/ids.js";
import { exactOg, neuron, parseOg } from "../../src/domain/money.js";
import { leftWallet, movementsOf } from "../../src/domain/movements.js";
import { networks } from "../../src/domain/networks.js";
import { contractAddresses } from "../../src/sandbox/chain/rules.js";
import { totalsPerDay } from "../../src/view/activity/activityTotals.js";
import { noteText } from "../../src/view/activity/activityWords.js";
import { formatExact } from "../../src/view/money/money.js";
import { english } from "../../src/view/translate.js";
import { startTestChain, type TestChain } from "../unit/sandbox/chainSupport.js";
import { fastClock, keepingLog } from "./ledgerSupport.js";

const { contracts } = networks.sandbox;
const provider = `0x${"a1".repeat(20)}` as Address;
const stranger = `0x${"b2".repeat(20)}`;
const inference = "inference-v1.0";

describe("what a wallet's transactions cost", function () {
  this.timeout(60_000);
  let net: TestChain;
  let wallet: Wallet;
  let atFirst: bigint;
  let movements: Movement[];
  let sent = 0;

  const send = async (request: TransactionRequest) => {
    sent++;
    const response = await wallet.sendTransaction({ gasLimit: 1_000_000n, ...request });
    await response.wait().catch(() => undefined); // one that is refused costs all the same
  };
  const call = (contract: ContractName, method: string, args: unknown[], value = "0") => {
    const data = contractInterface(contract).encodeFunctionData(method, args);
    return send({ to: contracts[contract], data, value: parseOg(value) });
  };

  before(async () => {
    net = await startTestChain();
    wallet = net.wallet(8);
    atFirst = await net.provider.getBalance(wallet.address);
    await call("ledger", "addLedger", ["{}"], "5");
    await call("ledger", "transferFund", [provider, inference, parseOg("2")]);
    await call("ledger", "refund", [parseOg("100")]); // the ledger does not hold so much
    await call("ledger", "depositFundFor", [stranger], "3");
    await call("ledger", "retrieveFund", [[provider], inference]);
    await call("inference", "revokeAllTokens", [provider]);
    await call("ledger", "transferFund", [stranger, inference, parseOg("9")]); // nor so much
    await send({ to: wallet.address, value: 0n });
    await send({ to: wallet.address, value: parseOg("1") });
    await send({ to: stranger, value: parseOg("0.5") });
    await send({ to: contracts.ledger, value: parseOg("1") }); // takes no money without a call
    const nodes = [{ root: `0x${"11".repeat(32)}`, height: 0 }];
    const data = submitCalldata({ size: 256, nodes, submitter: wallet.address } as never);
    await send({ to: contractAddresses.flow, data, value: 100_000_000_000_000n });
    await call("ledger", "refund", [parseOg("3")]);
    movements = movementsOf((await scan()).events, wallet.address as Address);
  });
  after(() => net.close());

  async function scan(): Promise<ChainHistory> {
    const network = { ...networks.sandbox, rpcUrls: [net.chain.rpcUrl] };
    const signer = {
      address: wallet.address as Address,
      key: () => Promise.reject(new Error("nothing is signed")),
    };
    const { activity }: { activity: ActivityBroker } = createBroker({
      ...{ network, signer, clock: fastClock(), log: keepingLog() },
    });
    let last: ChainHistory | undefined;
    for await (last of activity.scan(undefined));
    assert(last);
    return last;
  }

  it("is told of each, also of a refused one and of a cancellation, with its provider where there is one", () => {
    const fees = movements.filter(({ kind }) => kind === "networkFee");
    assert.equal(fees.length, sent);
    assert(fees.every(({ amount, hash }) => amount > 0n && hash));
    assert.equal(new Set(movements.map(({ id }) => id)).size, movements.length);
    const told = fees.map(({ note, provider: who, service = "" }) =>
      [noteText(note, english), service, who === undefined ? "" : who.toLowerCase()].join(" | "),
    );
    const refused = "refused by the contract";
    assert.deepEqual(told, [
      "Create ledger with 5 0G |  | ",
      `Transfer 2 0G to 0xA1A1…a1a1 | inference | ${provider}`,
      `Withdraw 100 0G: ${refused} |  | `,
      "Deposit 3 0G for somebody else |  | ",
      `Ask for money back | inference | ${provider}`,
      `Revoke all API keys of 0xA1A1…a1a1 | inference | ${provider}`,
      `Transfer 9 0G to 0xb2b2…b2b2: ${refused} | inference | ${stranger}`,
      "A cancellation, or nothing sent to oneself |  | ",
      "A transaction outside the marketplace |  | ",
      "A transaction outside the marketplace |  | ",
      `A transaction outside the marketplace: ${refused} |  | `,
      "Store a file for 0.0001 0G |  | ",
      "Withdraw 3 0G |  | ",
    ]);
  });

  it("adds up with what was moved to what left the wallet, to the last neuron", async () => {
    assert.deepEqual(
      movements.flatMap(({ kind, amount }) => (kind === "networkFee" ? [] : [`${kind} ${exactOg(amount)}`])),
      [
        ...["deposit 5", "transfer 2", "deposit 3", "refundRequested 2"],
        ...["sentElsewhere 0.5", "storageFee 0.0001", "withdrawal 3"],
      ],
    );
    const gone = atFirst - (await net.provider.getBalance(wallet.address));
    assert.equal(leftWallet(movements), gone);
    const [day, ...others] = totalsPerDay(movements, () => "one day", english).rows;
    assert.deepEqual([day?.cells[0], others], [`−${formatExact(neuron(gone), english)}`, []]);
  });
});
