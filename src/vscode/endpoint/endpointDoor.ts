// The door to the local endpoint: a chunk of its own, loaded with the first command about it.
import type { App } from "../app.js";
import type { LocalEndpoint } from "./localEndpoint.js";

export class EndpointDoor {
  private loaded: Promise<LocalEndpoint> | undefined;

  constructor(private readonly app: () => App) {}

  readonly load = (): Promise<LocalEndpoint> =>
    (this.loaded ??= import("./steps.js").then(({ LocalEndpoint }) => new LocalEndpoint(this.app())));

  /** Ends what runs. */
  async close(): Promise<void> {
    await (await this.loaded)?.close();
  }
}
