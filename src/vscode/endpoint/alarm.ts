// Answers that programs got and that did not pass their check: nobody reads them here, so the editor says it, once until it was looked at.
import type { Disposable } from "../../domain/event.js";
import type { FailedAnswer } from "../../services/endpoint/answers.js";
import type { EndpointService } from "../../services/endpoint/endpoint.js";
import type { EndpointKeys } from "../../services/endpoint/keys.js";
import { failedAnswerText } from "../../view/endpoint/endpointTexts.js";
import type { App } from "../app.js";
import { showError } from "../notices.js";
import { t } from "../translate.js";

export class EndpointAlarm implements Disposable {
  /** Not looked at yet. */
  private count = 0;
  private isTold = false;
  private readonly listener: Disposable;

  /** `onChange`: how many there are is another number. */
  constructor(
    private readonly app: App,
    service: Pick<EndpointService, "onDidFail">,
    private readonly keys: Pick<EndpointKeys, "list">,
    private readonly onChange: () => void,
  ) {
    this.listener = service.onDidFail((answer) => {
      this.set(this.count + 1);
      this.tell(answer).catch((error: unknown) =>
        app.log.error("A failed answer of the local endpoint", error),
      );
    });
  }

  get failed(): number {
    return this.count;
  }

  lookedAt(): void {
    this.set(0);
  }

  dispose(): void {
    this.listener.dispose();
  }

  private async tell(answer: FailedAnswer): Promise<void> {
    if (this.isTold) return; // a program may ask a hundred times before anybody reads the first
    this.isTold = true;
    try {
      const key = (await this.keys.list()).find(({ id }) => id === answer.key);
      const { receipt } = answer;
      const show = t("Show receipt");
      const text = failedAnswerText({ ...answer, label: key?.label ?? "" }, t);
      if ((await showError(text, ...(receipt === undefined ? [] : [show]))) !== show || !receipt) return;
      this.lookedAt();
      (await this.app.proofs.load()).showReceipt(receipt);
    } finally {
      this.isTold = false;
    }
  }

  private set(count: number): void {
    this.count = count;
    this.onChange();
  }
}
