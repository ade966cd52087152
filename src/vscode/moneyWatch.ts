// When money that needs nobody at the screen is looked after: at each tick, and whenever the accounts were read.
import * as vscode from "vscode";
import { DisposableList, type Disposable } from "../domain/event.js";
import type { DidRun } from "../services/money/accounts.js";
import type { UnaskedMoney, UnaskedMoneyOptions } from "./money/unasked.js";
import type { Ticker } from "./ticker.js";

export interface MoneyWatchOptions extends UnaskedMoneyOptions {
  readonly ticker: Ticker;
  /** Whether the network may be read without being asked. */
  readonly mayRead: () => boolean;
}

export class MoneyWatch implements Disposable {
  private readonly owned = new DisposableList();
  private loaded: Promise<UnaskedMoney> | undefined;

  constructor(private readonly options: MoneyWatchOptions) {
    this.owned.add(options.ticker.onDidTick(() => void this.look(true)));
    this.owned.add(options.accounts.onDidChange(() => void this.look(false)));
    this.owned.add(options.accounts.onDidRun((ran) => void this.didRun(ran)));
  }

  dispose(): void {
    this.owned.dispose();
  }

  private async look(isTick: boolean): Promise<void> {
    if (!this.options.mayRead()) return;
    const { keepFunded, collectOffers } = await (this.loaded ??= this.load());
    if (isTick) void keepFunded.look();
    // By the window that is looked at: the others would say the same.
    if (vscode.window.state.focused) void collectOffers.look();
  }

  private async didRun(ran: DidRun): Promise<void> {
    await (await (this.loaded ??= this.load())).keepFunded.didRun(ran);
  }

  /** In the chunk of money's commands: not needed before the first tick. */
  private async load(): Promise<UnaskedMoney> {
    return (await import("./money/steps.js")).createUnaskedMoney(this.options);
  }
}
