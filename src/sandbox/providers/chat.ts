// The three chat providers: one model, three ways to vouch for its answers. The first says that it takes pictures.
import type { ProviderDefinition } from "./definition.js";
import { chatCompletions } from "./chatRoute.js";

/** The exact string for the `model` field; all three serve it. */
export const chatModel = "sandbox-chat";

const chat = {
  serviceType: "chatbot",
  model: chatModel,
  modelCard: {
    name: "Sandbox chat",
    description: "A toy model on this machine that answers questions about 0G Compute. Not an enclave.",
    type: "chatbot",
    context_length: 8192,
    max_completion_tokens: 1024,
    architecture: { modality: "text->text", input_modalities: ["text"], output_modalities: ["text"] },
    supported_parameters: ["max_tokens", "temperature", "seed", "stop", "stream"],
  },
  routes: (provider) => [
    {
      method: "POST",
      path: "/v1/proxy/chat/completions",
      handle: chatCompletions(provider),
    },
  ],
} satisfies Partial<ProviderDefinition>;

export const chatProviders: readonly ProviderDefinition[] = [
  {
    ...chat,
    account: 1,
    class: "combined",
    verifiability: "TeeML",
    inputPrice: 100_000_000_000n, // 0.1 0G per million tokens
    outputPrice: 400_000_000_000n,
    modelCard: {
      ...chat.modelCard,
      architecture: {
        modality: "text+image->text",
        input_modalities: ["text", "image"],
        output_modalities: ["text"],
      },
    },
  },
  {
    ...chat,
    account: 2,
    class: "separated",
    verifiability: "TeeML",
    inputPrice: 200_000_000_000n,
    outputPrice: 800_000_000_000n,
  },
  {
    ...chat,
    account: 3,
    class: "centralized",
    verifiability: "TeeTLS",
    identity: "sandbox-vendor",
    inputPrice: 50_000_000_000n,
    outputPrice: 250_000_000_000n,
    tiers: [
      { maxInputTokens: 4096, inputMultiplier: 1, outputMultiplier: 1 },
      { maxInputTokens: 0, inputMultiplier: 4, outputMultiplier: 2 },
    ],
    cacheDivisor: 10,
  },
];
