/** Binds tokenizer, network and memory to the interface of model.ts. */
import { rowLoss, workspace } from "./backPropagation.js";
import { features } from "./features.js";
import { generate } from "./generate.js";
import type { GenerateOptions, Generation, LanguageModel, ModelMessage, ModelParts } from "./model.js";
import { promptInput } from "./network.js";
import type { TrainingRow } from "./row.js";
import { endPiece } from "./tokenizer.js";

export class TrainedModel implements LanguageModel {
  constructor(readonly parts: ModelParts) {}

  generate(messages: readonly ModelMessage[], options?: GenerateOptions): Generation {
    return generate(this.parts, messages, options);
  }

  countTokens(text: string): number {
    return this.parts.tokenizer.encode(text).length;
  }

  loss(rows: readonly TrainingRow[]): number {
    const { tokenizer, network } = this.parts;
    const space = workspace(network.vocabulary);
    let [sum, pieces] = [0, 0];
    for (const row of rows) {
      const ids = [...tokenizer.encode(row.completion), endPiece];
      sum += rowLoss(network, promptInput(features(row.prompt)), ids, space);
      pieces += ids.length;
    }
    return pieces > 0 ? sum / pieces : 0;
  }
}
