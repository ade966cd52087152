// Of fine-tuning.json: what a provider takes as parameters and as a dataset, and what it makes of the rows.
import assert from "node:assert/strict";
import { convertRow, shapeOf, trainingText, type JsonRow } from "../../dataset/conversion.js";
import type { Destination } from "../../domain/dataset.js";
import { checkTrainingParams } from "../../dataset/trainingParams.js";
import { UploadCheck } from "../../dataset/upload.js";
import { base64 } from "./fineTuningVectors.js";

export function trainingParams(entry: {
  readonly trainingParams: string;
  readonly accepted: boolean;
  readonly error: string;
}): void {
  const { isAccepted, error } = checkTrainingParams(entry.trainingParams);
  assert.equal(isAccepted, entry.accepted);
  // of several missing keys the provider names any
  const missing = "training config missing required parameter '";
  if (entry.error.startsWith(missing)) assert(error.startsWith(missing), error);
  else assert.equal(error, entry.error);
}

export function jsonlUpload(entry: {
  readonly contentBase64: string;
  readonly accepted: boolean;
  readonly error: string;
}): void {
  const bytes = base64(entry.contentBase64);
  for (const size of [Math.max(bytes.length, 1), 1, 3]) {
    const check = new UploadCheck();
    for (let at = 0; at < bytes.length; at += size) check.push(bytes.subarray(at, at + size));
    const { isAccepted, error } = check.end();
    assert.deepEqual({ isAccepted, error }, { isAccepted: entry.accepted, error: entry.error });
  }
}

export function datasetConversion(entry: {
  readonly lines: readonly JsonRow[];
  readonly viaTeeUpload: readonly unknown[];
  readonly via0gStorage: readonly unknown[];
}): void {
  const [first] = entry.lines;
  assert(first, "no lines");
  const seen = (destination: Destination) =>
    entry.lines.map((line) => {
      const row = convertRow(line, shapeOf(first), destination);
      return { row, trainingText: trainingText(row) };
    });
  assert.deepEqual(seen("tee"), entry.viaTeeUpload);
  assert.deepEqual(seen("0g-storage"), entry.via0gStorage);
}
