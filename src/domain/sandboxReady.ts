// What a sandbox tells on the line it prints when it can be used (spec/sandbox.md section 3).

export interface SandboxReady {
  readonly rpcUrl: string;
  readonly chainId: number;
  readonly contracts: { readonly ledger: string; readonly inference: string; readonly fineTuning: string };
  readonly providers: readonly ReadyProvider[];
  readonly accounts: readonly {
    readonly address: string;
    readonly privateKey: string;
    readonly role: string;
  }[];
  readonly storage: ReadyStorage;
  readonly control: { readonly url: string; readonly token: string };
}

export interface ReadyProvider {
  readonly address: string;
  readonly url: string;
  readonly serviceType: string;
  readonly model: string;
  /** combined, separated, centralized */
  readonly class: string;
}

export interface ReadyStorage {
  /** URL of the indexer. */
  readonly indexer: string;
  /** URLs of the nodes, by shard. */
  readonly nodes: readonly string[];
  /** Address of the Flow contract. */
  readonly flow: string;
}
