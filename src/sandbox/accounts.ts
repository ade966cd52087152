// The accounts everybody knows: the public test mnemonic, which account plays which role, and the keys of the enclaves
// (spec/sandbox.md section 3). None of them holds anything of value; they must never be used on a live network.
import { HDNodeWallet } from "ethers";
import { developmentMnemonic } from "../broker/wallet/developmentKeys.js";

export type AccountRole = "owner" | "provider" | "user";

export interface Key {
  /** EIP-55. */
  readonly address: string;
  /** 0x and 64 hex characters. */
  readonly privateKey: string;
}

export interface Account extends Key {
  readonly role: AccountRole;
}

const roles: readonly AccountRole[] = [
  "owner",
  ...Array<AccountRole>(7).fill("provider"),
  ...Array<AccountRole>(2).fill("user"),
];

/** Offsets of the enclave keys from their provider's index. */
const teeSignerOffset = 20;
const modelEnclaveOffset = 30;
const rotatedOffset = 40;
const strangerOffset = 50;

export class Accounts {
  // Stretching the mnemonic takes milliseconds: once, and the children on demand.
  private readonly root = HDNodeWallet.fromPhrase(developmentMnemonic, "", "m/44'/60'/0'/0");
  private readonly keys = new Map<number, Key>();

  /** The key at m/44'/60'/0'/0/index. */
  key(index: number): Key {
    let key = this.keys.get(index);
    if (!key) {
      const { address, privateKey } = this.root.deriveChild(index);
      this.keys.set(index, (key = { address, privateKey }));
    }
    return key;
  }

  owner(): Key {
    return this.key(0);
  }

  /** What a provider is registered with as teeSignerAddress. */
  teeSigner(provider: number): Key {
    return this.key(teeSignerOffset + provider);
  }

  /** The model's own enclave of a separated provider. */
  modelEnclave(provider: number): Key {
    return this.key(modelEnclaveOffset + provider);
  }

  /** Whom a provider changes over to when a fault tells it to. */
  rotatedSigner(provider: number): Key {
    return this.key(rotatedOffset + provider);
  }

  /** A key that no contract knows. */
  stranger(provider: number): Key {
    return this.key(strangerOffset + provider);
  }

  /** Funded at genesis, with their roles. */
  all(): Account[] {
    return roles.map((role, index) => ({ ...this.key(index), role }));
  }
}
