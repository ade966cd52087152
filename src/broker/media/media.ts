// Binds pictures and speech to what all of inference shares.
import type { BillingParts } from "../inference/sending.js";
import type { MediaBroker } from "./api.js";
import { lookAtImageJob, startImageJob } from "./jobs.js";
import { checkPicture, makePictures } from "./pictures.js";
import { audioFacts, transcribe } from "./transcribe.js";

export function createMedia(parts: BillingParts): MediaBroker {
  return {
    generateImage: (service, request, on, options) => makePictures(parts, service, request, on, options),
    editImage: (service, request, on, options) => makePictures(parts, service, request, on, options),
    startImageJob: (service, request, on, options) => startImageJob(parts, service, request, on, options),
    lookAtImageJob: (service, job, options) => lookAtImageJob(parts, service, job, options),
    checkPicture,
    audioFacts,
    transcribe: (service, request, on, options) => transcribe(parts, service, request, on, options),
  };
}
