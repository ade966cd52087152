// A provider on a verification page: its reports, downloaded and checked, and what is remembered of it.
import { DisposableList, Emitter } from "../../domain/event.js";
import { sameAddress } from "../../domain/ids.js";
import type { Verdict } from "../../domain/verdict.js";
import type { ProviderRef } from "../../protocol/proof.js";
import type { Enclaves, Verification } from "../../services/enclaves/enclaves.js";
import { linksOf, proofPanelState, type ProofTelling } from "../../view/proof/proofView.js";
import type { App } from "../app.js";
import { moment } from "../telling.js";
import { t } from "../translate.js";
import { exportReports } from "./exporting.js";
import type { Page, ProofSubject } from "./proofHost.js";

export class ProviderProof implements ProofSubject {
  private readonly owned = new DisposableList();
  private readonly changed = new Emitter<"again" | "shown">();
  readonly onDidChange = this.changed.event;
  private readonly telling: ProofTelling = { t, moment };
  private found: Partial<Verification> = {};
  private isChecking = false;

  constructor(
    private readonly app: App,
    private readonly enclaves: Enclaves,
    readonly ref: ProviderRef,
  ) {
    this.owned.add(this.changed);
    this.owned.add(app.session.onDidChange(() => this.networkChanged()));
    this.owned.add(
      enclaves.onDidAccept(({ provider, service }) => {
        if (service === ref.service && sameAddress(provider, ref.provider)) this.changed.fire("again");
      }),
    );
  }

  dispose(): void {
    this.owned.dispose();
  }

  async check(signal: AbortSignal): Promise<void> {
    const { provider, service } = this.ref;
    this.isChecking = true;
    try {
      const { signedText: text, signature } = (await this.verdict()) ?? {};
      const answer = text !== undefined && signature !== undefined ? { text, signature } : undefined;
      const found = await this.enclaves.verify(provider, service, { signal, answer });
      if (!signal.aborted) this.found = found;
    } finally {
      if (!signal.aborted) this.isChecking = false;
    }
  }

  async page(more: Parameters<ProofSubject["page"]>[0]): Promise<Page> {
    const { verification, differences = [], pin } = this.found;
    const verdict = await this.verdict();
    const facts = {
      ...{ shown: this.ref, network: this.app.session.tryNetwork(), differences, ...more },
      ...(verification ? { verification } : {}),
      ...(pin ? { pinnedAt: pin.since } : {}),
      ...(verdict ? { verdict } : {}),
    };
    return { state: proofPanelState(facts, this.telling), links: linksOf(facts, this.telling) };
  }

  /** What the page shows; it is looked at again where something else was found since. */
  async acceptChange(): Promise<void> {
    const { found } = this;
    if (isFound(found) && !(await this.enclaves.accept(found))) this.changed.fire("again");
  }

  exportReports(): Promise<void> {
    return exportReports(this.found.verification);
  }

  /** What was found on another network is not this one's. A check goes on there: it may be what has started the sandbox. */
  private networkChanged(): void {
    this.found = {};
    this.changed.fire(this.isChecking ? "again" : "shown");
  }

  private async verdict(): Promise<Verdict | undefined> {
    const { answer } = this.ref;
    const conversation = answer && (await this.app.chat.open(answer.conversation));
    return conversation?.turns.find(({ id }) => id === answer?.turn)?.answer.verdict;
  }
}

function isFound(found: Partial<Verification>): found is Verification {
  return found.verification !== undefined;
}
