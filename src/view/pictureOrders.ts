// Orders of pictures in words: what became of those that nobody waited for, and what is asked before one goes on.
import type { InferenceService } from "../domain/provider.js";
import type { FoundImages } from "../services/media/images.js";
import type { OrderFacts } from "../services/media/imageJobs.js";
import type { Confirmation } from "../services/ports.js";
import { shortAddress } from "./address.js";
import { cleanText } from "./text.js";
import type { Translate } from "./translate.js";

/** Of an order of which nothing more will come. */
export function leftText(
  { kind, order }: Extract<FoundImages, { kind: "lost" | "gone" }>,
  t: Translate,
): string {
  return kind === "gone"
    ? t(
        "The provider no longer has the picture “{0}” that was ordered before this window was opened.",
        order.name,
      )
    : t(
        "The order of the picture “{0}” was interrupted before the provider had given it a number. It may have been taken and billed, and cannot be fetched. It is not ordered again by itself.",
        order.name,
      );
}

/** Of an order that stays; `why` is the sentence of what keeps it. */
export function waitingText({ name }: Pick<OrderFacts, "name">, why: string, t: Translate): string {
  return t(
    "The picture “{0}” was ordered and is not here yet; it may be paid for. {1} Nothing is asked for it before you say so.",
    ...[name, why],
  );
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
