// What the commands of API keys do: the entry of their chunk.
export { addApiKey } from "./adding.js";
export { createApiKey } from "./creating.js";
export {
  copyApiKey,
  removeApiKey,
  renameApiKey,
  revokeAllApiKeys,
  revokeApiKey,
  setApiKeysAside,
} from "./keeping.js";
export { showApiKeyUse } from "./using.js";
