// What a request for pictures or a transcript says of itself, as far as routing and money go.
import type { RelayPath } from "../../broker/inference/relayed.js";
import { folded } from "../../domain/folded.js";
import { atMost, imageFee, pricedAs } from "../../domain/pricing.js";
import { readForm, type FormPart } from "../../system/formBody.js";
import { costOf, mostExpensive } from "../media/transcripts.js";
import { checkPriced } from "../money/counted.js";
import { countIn, jsonBody, modelIn, type Answering, type ReadAsked } from "./asked.js";
import { RefusalError } from "./refusal.js";

/** At once or as a job, the same is asked. */
export const generationAt = imagesAt("text-to-image");
export const editAt = imagesAt("image-editing");

function imagesAt(serviceType: string): (path: RelayPath) => ReadAsked {
  return (path) =>
    (body, written = "") => {
      const isForm = /^multipart\//i.test(written);
      const fields = isForm ? textsOf(partsOf(written, body)) : jsonBody(body);
      // A provider that went by another type than it was read as here might find another number of pictures.
      const contentType = isForm ? written : "application/json";
      const model = modelIn(fields);
      const count = countIn(fields, "n") ?? 1;
      if (count < 1) throw new RefusalError({ kind: "badBody", why: "count", name: "n" });
      return {
        ...{ path, contentType, serviceType, model, body },
        isStreamed: false,
        worstCase: ({ service, info }) => {
          checkPriced(service, model, info);
          return atMost(service, info, (priced) => imageFee(priced, count));
        },
        // What was ordered is billed (spec inference.md 6.6): how many came is the provider's word.
        costOf: (_relayed, { service, info }) => imageFee(pricedAs(service, info), count),
      };
    };
}

export const transcription: ReadAsked = (body, contentType = "") => {
  const parts = partsOf(contentType, body);
  const fields = textsOf(parts);
  const file = parts.find(({ name, isFile }) => isFile && name === "file");
  if (!file) throw new RefusalError({ kind: "badBody", why: "file" });
  const model = modelIn(fields);
  const facts = ({ broker }: Answering) => broker.inference.audioFactsOf(file.content);
  return {
    ...{ path: "/v1/proxy/audio/transcriptions", contentType, serviceType: "speech-to-text", body },
    model,
    isStreamed: fields.stream === "true",
    worstCase: (at) => {
      checkPriced(at.service, model, at.info);
      return atMost(at.service, at.info, (priced) => mostExpensive(priced, facts(at)));
    },
    costOf: ({ exchange, counts }, { takeable, ...at }) => {
      if (exchange?.ended !== "complete") return undefined;
      return costOf(pricedAs(at.service, at.info), facts(at), { counts, text: exchange.text }, takeable).cost;
    },
  };
};

/** What stands in it twice, two readers may read in two ways. */
const single = ["model", "n", "file", "stream", "response_format"];

function partsOf(contentType: string, body: Uint8Array): readonly FormPart[] {
  const parts = readForm(contentType, body);
  const isClear = (name: string) => {
    const found = parts?.filter((part) => mayBe(name, part)) ?? [];
    return found.length < 2 && found.every((part) => part.name === name && isPlain(part, name === "file"));
  };
  if (!parts || !single.every(isClear)) throw new RefusalError({ kind: "badBody", why: "form" });
  return parts;
}

/** Some readers take a name in other letters for it, others a list of one (`n[]`). */
function mayBe(name: string, part: FormPart): boolean {
  return folded(part.name).split("[", 1)[0] === name;
}

/** What is no ASCII is another text in another charset. */
function isPlain({ isFile, content }: FormPart, isFileAsked: boolean): boolean {
  return isFile === isFileAsked && (isFile || content.every((byte) => byte < 0x80));
}

/** Its fields as a JSON body would have them: a number of pictures is a number. */
function textsOf(parts: readonly FormPart[]): Readonly<Record<string, unknown>> {
  const fields = parts
    .filter(({ isFile }) => !isFile)
    .map(({ name, content }): [string, unknown] => {
      const text = new TextDecoder().decode(content);
      return [name, name === "n" && /^\d{1,6}$/.test(text) ? Number(text) : text];
    });
  return Object.fromEntries(fields);
}
