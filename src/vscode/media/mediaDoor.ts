// The door to pictures and transcripts: a chunk of its own, loaded with the first of them, or when an earlier window left an order open.
import type { Disposable } from "vscode";
import type { ImagesOptions } from "../../services/media/images.js";
import type { App } from "../app.js";
import type { MediaDesk } from "./mediaDesk.js";

/** After the start, which is not to wait for it. */
const restMs = 5_000;

export class MediaDoor implements Disposable {
  private desk: Promise<MediaDesk> | undefined;
  private readonly ended = new AbortController();
  private readonly listener: Disposable;

  constructor(
    private readonly app: () => App,
    private readonly options: Omit<ImagesOptions, "movedText"> & { readonly isNetworkUp: () => boolean },
  ) {
    const look = (isNetworkWanted: boolean) =>
      void this.resume(isNetworkWanted).catch((error: unknown) =>
        options.log.error("Open orders of pictures", error),
      );
    this.listener = options.session.onDidChange(() => look(false));
    // Once for an order that is open, the sandbox is started: nobody may have the chat in front, which starts it.
    options.clock.sleep(restMs, this.ended.signal).then(
      () => look(true),
      () => undefined, // closed before
    );
  }

  load(): Promise<MediaDesk> {
    return (this.desk ??= import("./mediaDesk.js").then(
      ({ MediaDesk }) => new MediaDesk(this.app(), this.options, this.ended.signal),
    ));
  }

  dispose(): void {
    this.ended.abort();
    this.listener.dispose();
  }

  private async resume(isNetworkWanted: boolean): Promise<void> {
    const { logs, isNetworkUp } = this.options;
    if ((isNetworkWanted || isNetworkUp()) && (await logs.list()).length > 0)
      await (await this.load()).resume();
  }
}
