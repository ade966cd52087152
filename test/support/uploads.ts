// A dataset in memory, as a provider checks it.
import { UploadCheck, type UploadVerdict } from "../../src/dataset/upload.js";

export function checkUpload(bytes: Uint8Array): UploadVerdict {
  const check = new UploadCheck();
  check.push(bytes);
  return check.end();
}
