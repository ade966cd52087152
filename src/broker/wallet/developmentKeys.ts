// The accounts everybody has: those of the public test mnemonic that development chains are started with. Whoever uses one of them on a
// live network gives his money away.
import { HDNodeWallet, Mnemonic } from "ethers";
import { addressKey, type Address } from "../../domain/ids.js";

/** Public: printed by every development chain. Never a secret, never acceptable on a live network. */
export const developmentMnemonic = "test test test test test test test test test test test junk";

const parentPath = "m/44'/60'/0'/0";
const knownIndexes = 50;

export interface DevelopmentAccount {
  readonly address: Address;
  readonly privateKey: string;
}

/** One account of the development mnemonic (path m/44'/60'/0'/0/index). */
export function developmentAccount(index: number): DevelopmentAccount {
  return accountOf(parent().deriveChild(index));
}

// A memo of values that never change; 50 derivations take some 50 ms.
let known: ReadonlySet<string> | undefined;

export function isDevelopmentKey(address: Address): boolean {
  known ??= new Set(developmentAccounts(knownIndexes).map((account) => addressKey(account.address)));
  return known.has(addressKey(address));
}

/** The first `count` accounts, derived in one go. */
function developmentAccounts(count: number): DevelopmentAccount[] {
  const node = parent();
  return Array.from({ length: count }, (_, index) => accountOf(node.deriveChild(index)));
}

function parent(): HDNodeWallet {
  return HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(developmentMnemonic), parentPath);
}

function accountOf(node: HDNodeWallet): DevelopmentAccount {
  return { address: node.address as Address, privateKey: node.privateKey };
}
