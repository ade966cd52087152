// What reads training files: a chunk of its own, loaded with the first file that is looked at.
export { analyseDataset } from "./analysis.js";
export { analyseConfiguration, isConfiguration } from "./configuration.js";
export { previewRows } from "./preview.js";
export { fileSource, textSource } from "./source.js";
export { checkTrainingParams } from "./trainingParams.js";
