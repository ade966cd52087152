// The official SDK, with nothing told but the RPC's address, pays into its ledger on our chain.
import assert from "node:assert/strict";
import { createZGComputeNetworkBroker } from "@0gfoundation/0g-compute-ts-sdk";
import { parseEther } from "ethers";
import { contractAddresses } from "../../src/sandbox/chain/rules.js";
import { letGoOfLongTimers } from "../support/longTimers.js";
import { type TestChain, startTestChain } from "../unit/sandbox/chainSupport.js";

describe("the official SDK on the chain", function () {
  this.timeout(60_000);
  let net: TestChain;
  let takeTimersBack: () => void;
  before(async () => {
    takeTimersBack = letGoOfLongTimers();
    net = await startTestChain();
  });
  after(async () => {
    takeTimersBack();
    await net.close();
  });

  it("finds the contracts, makes a ledger, pays in, and takes some back", async () => {
    const wallet = net.wallet(8);
    const broker = await createZGComputeNetworkBroker(wallet);
    await broker.ledger.addLedger(10);
    await broker.ledger.depositFund(2);
    assert.equal((await broker.ledger.getLedger()).totalBalance, parseEther("12"));
    await broker.ledger.retrieveFund("inference");
    await broker.ledger.refund(5);
    const ledger = await broker.ledger.getLedger();
    assert.equal(ledger.totalBalance, parseEther("7"));
    assert.equal(ledger.availableBalance, parseEther("7"));
    assert.equal(await net.provider.getBalance(contractAddresses.ledger), parseEther("7"));
  });

  it("lists no service on a chain where nobody registered", async () => {
    const broker = await createZGComputeNetworkBroker(net.wallet(8));
    assert.equal((await broker.inference.listService()).length, 0);
    assert.equal((await broker.fineTuning!.listService()).length, 0);
  });
});
