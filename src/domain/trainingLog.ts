// What a task's log tells of the training (spec fine-tuning.md 8.3), read from its text once the frames are stripped. Providers write it:
// every number may be missing or no number.

/** As the trainer printed it; `nan` and `inf` are kept as the numbers they are. */
export interface LossPoint {
  /** Only older trainers say it. */
  readonly step?: number;
  readonly loss: number;
  readonly epoch?: number;
  readonly learningRate?: number;
}

export interface TrainingCurve {
  readonly points: readonly LossPoint[];
  /** The mean over the whole training, printed at its end. */
  readonly finalLoss?: number;
}

const maxPoints = 20_000;
const maxLine = 10_000;

export function trainingCurve(text: string): TrainingCurve {
  const points: LossPoint[] = [];
  let finalLoss: number | undefined;
  // A progress bar rewrites its line with CR; what was printed stands behind one.
  for (const line of text.split(/[\r\n]+/)) {
    if (line.length > maxLine) continue;
    const values = dictIn(line);
    const final = values && numberOf(values.get("train_loss"));
    if (final !== undefined) finalLoss = final;
    const point = values && lossPoint(line, values);
    if (point && points.length < maxPoints) points.push(point);
  }
  return { points, ...(finalLoss === undefined ? {} : { finalLoss }) };
}

function lossPoint(line: string, values: ReadonlyMap<string, string>): LossPoint | undefined {
  const loss = numberOf(values.get("loss"));
  if (loss === undefined) return undefined;
  const step = /Step: (\d{1,9}),/.exec(line)?.[1];
  const epoch = numberOf(values.get("epoch"));
  const learningRate = numberOf(values.get("learning_rate"));
  return {
    ...(step === undefined ? {} : { step: Number(step) }),
    loss,
    ...(epoch === undefined ? {} : { epoch }),
    ...(learningRate === undefined ? {} : { learningRate }),
  };
}

/** The members of a Python dict of numbers that stands in the line. */
function dictIn(line: string): Map<string, string> | undefined {
  const start = line.search(/\{'(?:loss|train_runtime|train_loss)':/);
  if (start === -1) return undefined;
  const end = line.indexOf("}", start);
  if (end === -1) return undefined;
  const members = line.slice(start + 1, end).split(",");
  const pairs = members.map((member) => /^\s*'(\w+)':\s*(\S+)\s*$/.exec(member));
  return new Map(pairs.flatMap((pair) => (pair ? [[pair[1] ?? "", pair[2] ?? ""]] : [])));
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const plain = text.replace(/^'(.*)'$/, "$1");
  if (/^[+-]?nan$/i.test(plain)) return Number.NaN;
  if (/^[+-]?inf$/i.test(plain)) return plain.startsWith("-") ? -Infinity : Infinity;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(plain) ? Number(plain) : undefined;
}
