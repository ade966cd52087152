// All services built as the extension builds them: real broker, real sandbox, small ports. A second house over the same ports is the
// window after a restart.
import assert from "node:assert/strict";
import * as brokerModule from "../../src/broker/broker.js";
import type { Clock } from "../../src/domain/clock.js";
import type { ProviderId } from "../../src/domain/ids.js";
import { AccountsService } from "../../src/services/money/accounts.js";
import { ApiKeysService } from "../../src/services/apiKeys/apiKeys.js";
import { AskingBack } from "../../src/services/money/askingBack.js";
import { ChatService } from "../../src/services/chat/chat.js";
import { TrySandbox } from "../../src/services/firstRun.js";
import { Enclaves } from "../../src/services/enclaves/enclaves.js";
import { Journal } from "../../src/services/transactions/journal.js";
import { LimitsService } from "../../src/services/money/limits.js";
import { Measurements } from "../../src/services/providers/measurements.js";
import { ProvidersService } from "../../src/services/providers/providers.js";
import { SandboxService } from "../../src/services/sandbox.js";
import type { Scope } from "../../src/services/wallets/scope.js";
import { ReceiptsService } from "../../src/services/receipts/receipts.js";
import { Session } from "../../src/services/wallets/session.js";
import { TransactionsService } from "../../src/services/transactions/transactions.js";
import { WalletService } from "../../src/services/wallets/wallets.js";
import { realClock } from "../../src/system/realClock.js";
import { createApiKeyTexts } from "../../src/view/apiKeys/apiKeyTexts.js";
import { createConfirmationTexts } from "../../src/view/money/confirmations.js";
import { createEnclaveTexts } from "../../src/view/proof/pinView.js";
import { createReplacementTexts } from "../../src/view/money/transactionTexts.js";
import { english } from "../../src/view/translate.js";
import {
  memoryLog,
  MemoryFolder,
  MemorySecrets,
  MemoryState,
  random,
  TestDialogs,
  TestLauncher,
  testSettings,
} from "./ports.js";

/** What outlives a window. */
export class World {
  readonly secrets = new MemorySecrets();
  readonly state = new MemoryState();
  readonly folder = new MemoryFolder();
  readonly journal = new MemoryFolder();
  readonly apiKeys = new MemoryFolder();
  readonly pins = new MemoryFolder();
  readonly receipts = new MemoryFolder();
  readonly pictures = new MemoryFolder();
  readonly lateChecks = new MemoryFolder();
  readonly launcher = new TestLauncher();
  readonly log = memoryLog();
  readonly settings = testSettings();
  clock: Clock = realClock;
}

export class House {
  readonly dialogs = new TestDialogs();
  readonly wallets: WalletService;
  readonly sandbox: SandboxService;
  readonly session: Session;
  readonly journal: Journal;
  readonly limits: LimitsService;
  readonly providers: ProvidersService;
  readonly accounts: AccountsService;
  readonly askingBack: AskingBack;
  readonly apiKeys: ApiKeysService;
  readonly transactions: TransactionsService;
  readonly enclaves: Enclaves;
  readonly measurements: Measurements;
  readonly chat: ChatService;
  readonly receipts: ReceiptsService;
  readonly trySandbox: TrySandbox;

  constructor(readonly world: World) {
    const { secrets, state, folder, launcher, log, settings, clock } = world;
    const loadBroker = async () => brokerModule;
    const texts = createConfirmationTexts(english);
    const { dialogs } = this;
    this.wallets = new WalletService({ secrets, state, loadBroker, random, clock, log });
    this.sandbox = new SandboxService({ launcher, settings, secrets, fetch, clock, log });
    const { wallets, sandbox } = this;
    this.journal = new Journal({ folder: world.journal, state, random, clock });
    const { journal } = this;
    const book = (scope: Scope) => journal.book(scope);
    this.session = new Session({ settings, wallets, sandbox, loadBroker, book, clock, log });
    const { session } = this;
    this.limits = new LimitsService({ journal, settings, state, clock });
    const { limits } = this;
    this.providers = new ProvidersService({ session, clock, log });
    const { providers } = this;
    this.enclaves = new Enclaves({
      ...{ session, settings, dialogs, folder: world.pins, now: () => clock.now() },
      collateral: new MemoryFolder(),
      texts: createEnclaveTexts(english, (at) => new Date(at).toISOString()),
      verify: async (provider, service, options) =>
        (await session.broker()).attestation.verifyProvider(provider, service, options),
    });
    const { enclaves: gate } = this;
    this.accounts = new AccountsService({
      ...{ session, providers, gate, limits, journal, dialogs, texts, clock, log },
    });
    const { accounts } = this;
    this.askingBack = new AskingBack({
      ...{ session, accounts, journal, dialogs, texts, random, clock },
      folder: world.journal,
    });
    this.apiKeys = new ApiKeysService({
      ...{ session, accounts, secrets, dialogs, random, clock, log },
      folder: world.apiKeys,
      texts: createApiKeyTexts(english, (at) => new Date(at).toISOString()),
    });
    this.transactions = new TransactionsService({
      ...{ session, accounts, journal, dialogs, clock, log },
      texts: createReplacementTexts(english),
      isNetworkUp: () => true,
    });
    this.measurements = new Measurements({ folder: new MemoryFolder(), clock, log });
    const measurements = async () => this.measurements;
    const asking = {
      ...{ session, providers, accounts, limits, dialogs, texts, gate, measurements, clock, log },
    };
    const tools = { "zerog-compute": "0.0.0" };
    this.receipts = new ReceiptsService({
      ...{ settings, loadBroker, clock, log, tools },
      folder: world.receipts,
    });
    const { receipts } = this;
    const { pictures, lateChecks } = world;
    this.chat = new ChatService({ ...asking, folder, pictures, lateChecks, receipts, random });
    const useSandbox = async () => settings.set({ network: "sandbox" });
    const { chat } = this;
    this.trySandbox = new TrySandbox({
      session,
      sandbox,
      wallets,
      providers,
      accounts,
      chat,
      useSandbox,
      clock,
      log,
    });
  }

  /** As killing the window would: nothing is told, nothing is saved. */
  abandon(): void {
    this.trySandbox.dispose();
    this.chat.dispose();
    this.apiKeys.dispose();
    this.transactions.dispose();
    this.accounts.dispose();
    this.providers.dispose();
    this.session.dispose();
  }
}

/** The first window of a new machine, with a chat open in the sandbox. */
export interface HouseInSandbox {
  readonly world: World;
  readonly house: House;
  readonly sandbox: NonNullable<World["launcher"]["running"]>;
  readonly provider: ProviderId;
  readonly model: string;
}

export async function houseInSandbox(): Promise<HouseInSandbox> {
  const world = new World();
  const house = new House(world);
  const { provider, model } = house.chat.get(await house.trySandbox.run()) ?? {};
  const sandbox = world.launcher.running;
  assert.ok(provider && model && sandbox);
  return { world, house, sandbox, provider, model };
}
