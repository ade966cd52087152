// Values of the domain with sensible contents; a test names only what it is about.
import type { AccountOverview, SubAccount } from "../../src/domain/account.js";
import type { Answer, Conversation, Turn } from "../../src/domain/chat.js";
import type { Address, ConversationId, Sha256Hex, TurnId, WalletId } from "../../src/domain/ids.js";
import { neuron, parseOg, type Neuron } from "../../src/domain/money.js";
import type { AdditionalInfo, InferenceService, ModelInfo } from "../../src/domain/provider.js";
import type { Verdict } from "../../src/domain/verdict.js";
import type { Wallet } from "../../src/domain/wallet.js";
import type { ProviderItem } from "../../src/services/providers/providers.js";

export const og = (text: string): Neuron => parseOg(text);
export const address = (digit: string): Address => `0x${digit.repeat(40)}` as Address;
/** Noon of a fixed day. */
export const noon = Date.UTC(2026, 0, 15, 12);

export function anInfo(part: Partial<AdditionalInfo> = {}): AdditionalInfo {
  return {
    isReadable: true,
    verifier: "dstack",
    isTargetSeparated: false,
    tiers: [],
    isMultiModel: false,
    ...part,
  };
}

export function aService(part: Partial<InferenceService> = {}): InferenceService {
  return {
    provider: address("a"),
    serviceType: "chatbot",
    url: "https://provider.example",
    model: "phi-4",
    verifiability: "TeeML",
    inputPrice: neuron(500_000_000_000n),
    outputPrice: neuron(1_000_000_000_000n),
    updatedAt: 1_760_000_000,
    additionalInfoText: "{}",
    info: anInfo(),
    teeSigner: address("b"),
    isSignerAcknowledgedByOwner: true,
    providerClass: "combined",
    privacy: "private",
    ...part,
  };
}

/** An entry of `/v1/models`; its prices in neuron a token. */
export function aModel(
  id: string,
  prices?: readonly [prompt: bigint, completion: bigint],
  more: Partial<ModelInfo> = {},
): ModelInfo {
  const [prompt, completion] = prices?.map(neuron) ?? [];
  const listed = prices && { prices: { prompt, completion, tiers: [] } };
  return { id, inputModalities: [], supportedParameters: [], ...listed, ...more };
}

export function aProvider(
  part: Partial<InferenceService> = {},
  more: Omit<Partial<ProviderItem>, "service"> = {},
): ProviderItem {
  return { service: aService(part), ...more };
}

export function aWallet(part: Partial<Wallet> = {}): Wallet {
  return {
    id: "0123456789abcdef01234567" as WalletId,
    name: "Main",
    address: address("c"),
    kind: "user",
    createdAt: noon,
    ...part,
  };
}

export function aSubAccount(part: Partial<SubAccount> = {}): SubAccount {
  return {
    service: "inference",
    provider: address("a"),
    balance: og("2"),
    pendingRefund: og("0"),
    isAcknowledged: true,
    ...part,
  };
}

export function anOverview(part: Partial<AccountOverview> = {}): AccountOverview {
  return {
    address: address("c"),
    walletBalance: og("10.5"),
    ledger: { available: og("3"), total: og("5") },
    subAccounts: [aSubAccount()],
    limits: {
      minLedger: og("3"),
      minTransfer: og("1"),
      maxProvidersPerRetrieve: 20,
      lockTime: { inference: 86_400, "fine-tuning": 86_400 },
    },
    blockTimestamp: 1_760_000_000,
    readAt: noon,
    ...part,
  };
}

export function anAnswer(part: Partial<Answer> = {}): Answer {
  return {
    state: "done",
    text: "Because of Rayleigh scattering.",
    provider: address("a"),
    model: "phi-4",
    usage: { promptTokens: 20, completionTokens: 108 },
    cost: og("0.00012"),
    startedAt: noon,
    firstTokenAt: noon + 300,
    finishedAt: noon + 1_240,
    ...part,
  };
}

export function aTurn(part: Partial<Turn> = {}): Turn {
  return { id: "turn1" as TurnId, question: "Why is the sky blue?", answer: anAnswer(), ...part };
}

export function aConversation(part: Partial<Conversation> = {}): Conversation {
  return {
    id: "aaaaaaaaaaaaaaaaaaaaaaaa" as ConversationId,
    title: "Why is the sky blue?",
    network: "sandbox",
    provider: address("a"),
    model: "phi-4",
    turns: [aTurn()],
    createdAt: noon,
    updatedAt: noon,
    ...part,
  };
}

export function aVerdict(part: Partial<Verdict> = {}): Verdict {
  return {
    level: "verified",
    checks: [],
    providerClass: "combined",
    chatId: "chat-1",
    expectedSigner: address("b"),
    recoveredSigner: address("b"),
    requestHash: "1".repeat(64) as Sha256Hex,
    responseHash: "2".repeat(64) as Sha256Hex,
    checkedAt: noon,
    ...part,
  };
}
