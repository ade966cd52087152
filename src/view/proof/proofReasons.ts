// Why a step of the chain of custody failed, is only observed, or was not checked: one plain sentence each.
import type { CustodyReason, CustodyStepId } from "../../domain/attestation.js";
import type { Translate } from "../translate.js";

export function reasonSentence(id: CustodyStepId, why: CustodyReason, t: Translate): string {
  switch (why) {
    case "different":
      return differenceSentence(id, t);
    case "missing":
      return id === "structure"
        ? t("There is no quote in the report.")
        : t("The report does not hold what would be compared here.");
    case "malformed":
      return t("What the report holds here is not of the form it must have.");
    case "trailing":
      return t("There are more bytes behind the end of the quote.");
    case "notTdx":
      return t("This is another kind of quote than a TDX quote of version 4.");
    case "unreadable":
      return t("What the provider sent as its report cannot be read.");
    case "tooLarge":
      return t("What the provider sent is too large to be a report.");
    case "unreachable":
      return id === "certificate"
        ? t("The server that the provider names for that company could not be reached.")
        : t("The provider did not answer when it was asked for its report.");
    case "refused":
      return t("The provider refused to give its report.");
    case "busy":
      return t("The provider is busy and gave no report; try again in a while.");
    case "notOffered":
      return t("This provider has no such report.");
    case "sandbox":
      return t("This is the sandbox's own: anybody can make one, and it vouches for nothing.");
    case "unknownRoot":
      return t("The certificates end at a root that nobody here trusts: anybody could have made this quote.");
    case "notIssued":
      return t("A certificate was not issued by the one that follows it.");
    case "expired":
      return t("A certificate is not valid at this time.");
    case "debuggable":
      return t("This enclave can be looked into while it runs: it keeps nothing secret.");
    case "quoteUnproven":
      return t("This agrees, but it rests on a quote that is not proven: it is the provider's word.");
    case "firstLook":
      return t("This is the first verification of this provider; later ones are compared with it.");
    case "recordLost":
      return t(
        "What was remembered of earlier verifications was damaged, so nobody can say whether this is the enclave of then. It is remembered anew.",
      );
    case "offline":
      return t("There was no chain to compare this with.");
    case "nonceIgnored":
      return t("The report was not made for this question, so it may be an old one.");
    case "unknownLayout":
      return t("The quote binds something in a layout that is not known here.");
    default:
      return collateralReason(why, t) ?? programReason(why, t) ?? serviceReason(why, t);
  }
}

function collateralReason(why: CustodyReason, t: Translate): string | undefined {
  switch (why) {
    case "collateralUnreachable":
      return t("The server that knows about updates and revocation could not be reached.");
    case "collateralLate":
      return t("The server that knows about updates and revocation did not answer in time.");
    case "collateralRedirected":
      return t(
        "The server that knows about updates and revocation sends on to another one, which nobody chose.",
      );
    case "collateralNotGiven":
      return t("The server that knows about updates and revocation answered with an error.");
    case "collateralTooLarge":
      return t("What the server sent about updates and revocation is too large to be that.");
    case "collateralOfAnotherKind":
      return t("What the server sent is something else than what is known about updates and revocation.");
    case "collateralOutdated":
      return t(
        "What the server says about updates and revocation is out of date, so nothing follows from it.",
      );
    case "collateralRefused":
      return t(
        "What the server says about updates and revocation is not signed as it must be or not about this machine, so nothing follows from it.",
      );
    default:
      return undefined;
  }
}

function programReason(why: CustodyReason, t: Translate): string | undefined {
  switch (why) {
    case "noCollateral":
      return t(
        "Whether the machine is up to date and not revoked was not checked: no server is set to ask for that.",
      );
    case "noProcessor":
      return t("The certificate does not say which processor it is of, so nobody can be asked about it.");
    case "revoked":
      return t("The certificate of this machine was revoked.");
    case "outOfDate":
      return t("Known holes of this machine are not closed.");
    case "needsConfiguration":
      return t("The machine is safe only with certain settings or programs, which cannot be seen from here.");
    case "repeatedEvent":
      return t("The log names the compose file more than once.");
    case "unreadableCompose":
      return t("There is no compose file that can be read, so the images are not known.");
    case "otherRunner":
      return t(
        "Nothing says that the compose file is what the system starts, so the images named there prove nothing.",
      );
    case "scripts":
      return t(
        "Scripts run before any container, with every right, and may start other programs or replace these: read them in the report's app_compose.",
      );
    case "variables":
      return t(
        "Whoever starts the enclave may set variables that nothing measures, and these can decide which programs run and what they do.",
      );
    case "furtherParts":
      return t(
        "The compose file says more than what is known to leave these images to themselves, such as rights, hooks, files of the system, other files or conditions of a start: it may start or replace programs, or keep the announced one from being started.",
      );
    case "tagOnly":
      return t("Images are named by tags, and a tag can be moved to another image later.");
    case "built":
      return t(
        "Programs are built on the spot, named by a variable or described elsewhere, so that nobody can say which they are.",
      );
    case "notAnnounced":
      return t("The provider announces no image to compare with.");
    case "notStarted":
      return t("The image that the provider announces is not among those started.");
    case "noService":
      return t("This takes a service outside this machine, which is not asked.");
    default:
      return undefined;
  }
}

function serviceReason(why: CustodyReason, t: Translate): string {
  switch (why) {
    case "cryptopilot":
      return t("This provider's reports are of the kind cryptopilot, which nobody can check here.");
    case "unknownVerifier":
      return t("This provider names a way of checking its reports that is not known here.");
    case "unknownClass":
      return t("The provider does not say what it is, so nobody knows what would have to be proven.");
    case "standardProvider":
      return t("This kind of provider never signs answers: its report is about payments alone.");
    case "noAnswer":
      return t("There is no signed answer yet to look at.");
    case "noRoutingProof":
      return t("The signed text does not say which company answered.");
    case "noDomain":
      return t("The provider names no address at which that company could be asked.");
    case "privateDomain":
      return t("The address that the provider names is not one of the public web, and was not asked.");
    case "untrustedCertificate":
      return t("It is the same certificate, but not one that the web trusts for this address.");
    case "otherCertificate":
      return t(
        "Seen from here, the server that the provider names for that company shows another certificate. Companies may use several, so this proves nothing either way.",
      );
    default:
      return t("This was not checked.");
  }
}

function differenceSentence(id: CustodyStepId, t: Translate): string {
  switch (id) {
    case "signer":
    case "llm-signer":
      return t("The report is about another key than the one the chain names.");
    case "qe-report":
    case "quote-signature":
      return t("The signature is not of these bytes: something was changed, or another key made it.");
    case "qe-identity":
      return t("The enclave that made this quote is not Intel's: it may say what its owner likes.");
    case "rtmr-replay":
      return t("The log adds up to other measures than the quote holds: it is not what this enclave did.");
    case "event-digests":
      return t("An entry of the log says something else than its hash.");
    case "compose-hash":
      return t("The compose file shown is not the one the enclave started.");
    case "images":
      return t("The image that was started is not the one that the provider announces.");
    case "owner-acknowledged":
      return t("On chain, the network's operator does not accept this key.");
    case "identity":
      return t("The signed text names another company than the provider announces on chain.");
    case "routing":
      return t("The signed text was not signed by this provider's key.");
    case "report":
      return t("The report holds two different quotes.");
    case "pinned":
      return t("Something changed since this provider was first verified.");
    default:
      return t("The two values differ.");
  }
}
