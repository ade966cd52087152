// Who answers chat: the sandbox's own model, or the user's own server.
import type { LanguageModel } from "../model/model.js";
import type { Backend } from "./backend.js";
import { ModelBackend, type ModelBackendOptions } from "./modelBackend.js";
import { type Upstream, UpstreamBackend } from "./upstream.js";

export interface BackendsOptions extends ModelBackendOptions {
  readonly upstream?: Upstream;
}

export class Backends {
  /** The sandbox's own model, whoever answers chat. */
  readonly own: ModelBackend;
  /** Loads on first use. */
  readonly model: () => LanguageModel;
  private upstream: Upstream | undefined;

  constructor({ upstream, model, ...rest }: BackendsOptions) {
    let loaded: LanguageModel | undefined;
    this.upstream = upstream;
    this.model = () => (loaded ??= model());
    this.own = new ModelBackend({ ...rest, model: this.model });
  }

  /** Loads the model now, so that the first question does not wait for it. */
  warmUp(): void {
    if (!this.upstream) this.model();
  }

  use(upstream: Upstream | undefined): void {
    this.upstream = upstream;
  }

  current(): Backend {
    return this.upstream ? new UpstreamBackend(this.upstream) : this.own;
  }

  /** Without the key. */
  describe(): object | null {
    return this.upstream ? { baseUrl: this.upstream.baseUrl, model: this.upstream.model } : null;
  }
}
