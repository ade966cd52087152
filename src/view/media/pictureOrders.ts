// Orders of pictures in words: what became of those that nobody waited for, and what is asked before one goes on.
import type { ComputeError, ErrorFacts } from "../../domain/error.js";
import type { InferenceService } from "../../domain/provider.js";
import type { KeptOrder, OrderFacts } from "../../services/media/imageJobs.js";
import type { Confirmation } from "../../services/ports.js";
import { shortAddress } from "../address.js";
import type { Choice } from "../choice.js";
import { formatCost } from "../money/money.js";
import { cleanText, fileName } from "../text.js";
import type { Translate } from "../translate.js";

type Named = Pick<OrderFacts, "name">;
type Unsaved = Pick<KeptOrder, "name" | "job">;

/** Nobody knows what became of it; `why` is the sentence of what came instead of its number. */
export function lostText({ name }: Named, why: string | undefined, t: Translate): string {
  if (why !== undefined)
    return t(
      "The provider gave the order of the picture “{0}” no number. {1} It may have been taken and billed, and cannot be fetched. It is not ordered again by itself.",
      name,
      why,
    );
  return t(
    "The order of the picture “{0}” was interrupted before the provider had given it a number. It may have been taken and billed, and cannot be fetched. It is not ordered again by itself.",
    name,
  );
}

/** Nothing more will come of it; `why` is the error's sentence, which may say itself that it is billed. */
export function failedText({ name }: Named, why: string, saysBilled: boolean, t: Translate): string {
  if (saysBilled) return t("The picture “{0}” that was ordered does not come. {1}", name, why);
  return t("The picture “{0}” that was ordered does not come. {1} It may have been billed.", name, why);
}

/** It stays; `why` is the sentence of what keeps it. */
export function waitingText({ name }: Named, why: string, t: Translate): string {
  return t(
    "The picture “{0}” was ordered and is not here yet; it may be paid for. {1} The order is kept until it comes or you forget it.",
    name,
    why,
  );
}

/** In the list of those that are open. */
export function openText({ name }: Named, t: Translate): string {
  return t(
    "The picture “{0}” was ordered and is not here yet; it may be paid for. The order is kept until it comes or you forget it.",
    name,
  );
}

/** It is here, and in no file. `place`: where it could not be saved. */
export function unsavedText({ name, job }: Unsaved, place: string | undefined, t: Translate): string {
  const what =
    place === undefined
      ? t("“{0}” was made and is paid for, and is not saved yet.", name)
      : t("“{0}” was made and is paid for, and could not be saved in {1}.", name, cleanText(place, 300));
  const kept = job
    ? t("It stays under Picture orders until it is saved or you forget it.")
    : t("It stays under Picture orders until it is saved, you forget it, or this window is closed.");
  return `${what} ${kept}`;
}

/** Nothing can be done with it now. */
export function busyText({ name }: Named, t: Translate): string {
  return t("“{0}” is saved or forgotten already, is being saved now, or another window waits for it.", name);
}

/** Its workspace is not open here. */
export function elsewhereText({ name }: Named, workspace: string, t: Translate): string {
  return t(
    "The picture “{0}” was ordered in “{1}”, which is not open and trusted in this window. It is fetched and saved when it is, or now in a folder that you name.",
    name,
    fileName(workspace),
  );
}

/** Stopped by the user. */
export function stoppedText({ name }: Named, t: Translate): string {
  return t(
    "This window has stopped waiting for the picture “{0}”. The provider goes on and bills it; it is fetched and saved later.",
    name,
  );
}

/** Of what keeps an order, where the error's own sentence would not say it. */
export function ownWhy(
  { code, facts }: Pick<ComputeError, "code" | "facts">,
  t: Translate,
): string | undefined {
  if (code !== "refusedByProvider") return undefined;
  const { status, provider } = facts as ErrorFacts["refusedByProvider"];
  const name = shortAddress(cleanText(provider, 60));
  if (status === 404) return t("{0} says that it knows nothing of it, or no longer.", name);
  return status === 202 ? t("{0} says that it is still at it.", name) : undefined;
}

export function forgetText({ name, service, cost }: OrderFacts, t: Translate): Confirmation {
  return {
    title: t("Forget the order of “{0}”?", name),
    detail: t(
      "The picture is not asked for again, and nobody can fetch it later. What it costs ({0}) stays counted against your limit, as {1} may bill it all the same; nothing is paid back.",
      formatCost(cost, t),
      shortAddress(service.provider),
    ),
    confirmLabel: t("Forget this order"),
  };
}

export function orderChoices(
  orders: readonly KeptOrder[],
  moment: (at: number) => string,
  isUnsaved: (order: KeptOrder) => boolean,
  t: Translate,
): Choice<KeptOrder>[] {
  return orders.map((order) => {
    const { name, service, cost, job } = order;
    const state = job ? t("ordered {0}", moment(job.sentAt)) : t("nobody knows whether it was taken");
    return {
      label: name,
      description: formatCost(cost, t),
      detail: [
        shortAddress(service.provider),
        cleanText(service.model, 60),
        isUnsaved(order) ? t("made, and not saved yet") : state,
      ].join(" · "),
      value: order,
    };
  });
}

/** Before a pass goes to another server than the one an order was placed at. */
export function movedText(
  { name, service }: Pick<OrderFacts, "name" | "service">,
  now: InferenceService,
  t: Translate,
): Confirmation {
  const lines = ({ url, teeSigner }: InferenceService) =>
    t("Address: {0}\nKey: {1}", ...[cleanText(url, 200), cleanText(teeSigner, 60)]);
  return {
    title: t("Ask another server for the picture “{0}”?", name),
    detail: [
      t("{0} has another entry on the chain than when you ordered.", shortAddress(now.provider)),
      t("Then:\n{0}", lines(service)),
      t("Now:\n{0}", lines(now)),
      t(
        "Whoever is asked gets a pass that can spend what is on your account with this provider. The price stays the one you agreed to.",
      ),
    ].join("\n\n"),
    confirmLabel: t("Ask this server"),
  };
}
