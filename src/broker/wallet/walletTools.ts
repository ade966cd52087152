// Making and reading keys, bound to the interface of api.ts.
import { randomBytes } from "node:crypto";
import type { WalletTools } from "./api.js";
import { isDevelopmentKey } from "./developmentKeys.js";
import { fromCliConfig, fromEntropy, fromMnemonic, fromPrivateKey } from "./keyMaterial.js";
import { checkKeystore, fromKeystore } from "./keystore.js";

export const walletTools: WalletTools = {
  create: () => fromEntropy(randomBytes(16)),
  fromPrivateKey,
  fromMnemonic,
  checkKeystore,
  fromKeystore,
  fromCliConfig,
  isDevelopmentKey,
};
