// Binds pictures and speech to what all of inference shares.
import type { BillingParts } from "../inference/sending.js";
import type { MediaBroker } from "./api.js";
import { lookAtImageJob, startImageJob } from "./jobs.js";
import { makePictures } from "./pictures.js";
import { audioFacts, transcribe } from "./transcribe.js";

export function createMedia(parts: BillingParts): MediaBroker {
  return {
    generateImage: (request, on, options) => makePictures(parts, request, on, options),
    editImage: (request, on, options) => makePictures(parts, request, on, options),
    startImageJob: (request, on, options) => startImageJob(parts, request, on, options),
    lookAtImageJob: (job, options) => lookAtImageJob(parts, job, options),
    audioFacts,
    transcribe: (request, on, options) => transcribe(parts, request, on, options),
  };
}
