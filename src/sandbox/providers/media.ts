// The providers of pictures and of transcripts: toys that draw and write what follows from a hash.
import { pictureRoutes } from "../media/pictureRoutes.js";
import { speechRoutes } from "../media/speechRoute.js";
import { transcriptFormats } from "../media/transcript.js";
import type { ProviderDefinition } from "./definition.js";

const sold = { class: "combined", verifiability: "TeeML" } as const;

export const mediaProviders: readonly ProviderDefinition[] = [
  {
    ...sold,
    account: 5,
    serviceType: "text-to-image",
    model: "sandbox-image",
    inputPrice: 0n,
    outputPrice: 3_000_000_000_000_000n, // 0.003 0G a picture
    isPricedByImage: true,
    modelCard: {
      name: "Sandbox pictures",
      description: "Draws stripes and discs from a hash. No model, not an enclave.",
      type: "text-to-image",
      architecture: { modality: "text->image", input_modalities: ["text"], output_modalities: ["image"] },
      supported_parameters: ["n", "size", "response_format"],
    },
    routes: (provider) => pictureRoutes(provider, "generations"),
  },
  {
    ...sold,
    account: 6,
    serviceType: "image-editing",
    model: "sandbox-image-edit",
    inputPrice: 0n,
    outputPrice: 5_000_000_000_000_000n,
    isPricedByImage: true,
    modelCard: {
      name: "Sandbox picture editing",
      description: "Draws another picture of the same size from a hash. No model, not an enclave.",
      type: "image-editing",
      architecture: {
        modality: "text+image->image",
        input_modalities: ["text", "image"],
        output_modalities: ["image"],
      },
      supported_parameters: ["n", "size", "response_format"],
    },
    routes: (provider) => pictureRoutes(provider, "edits"),
  },
  {
    ...sold,
    account: 7,
    serviceType: "speech-to-text",
    model: "sandbox-speech",
    inputPrice: 50_000_000_000_000n, // 0.00005 0G a second
    outputPrice: 0n,
    modelCard: {
      name: "Sandbox speech",
      description: "Does not listen: writes words from a hash. No model, not an enclave.",
      type: "speech-to-text",
      architecture: { modality: "audio->text", input_modalities: ["audio"], output_modalities: ["text"] },
      supported_formats: transcriptFormats,
    },
    routes: speechRoutes,
  },
];
