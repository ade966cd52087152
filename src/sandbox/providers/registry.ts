// Who is in the sandbox's marketplace.
import { chatProviders } from "./chat.js";
import type { ProviderDefinition } from "./definition.js";
import { mediaProviders } from "./media.js";

export const providerDefinitions: readonly ProviderDefinition[] = [...chatProviders, ...mediaProviders];
