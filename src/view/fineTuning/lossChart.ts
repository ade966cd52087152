// The losses of a training as a chart and as a table, with a caption that says what they are, or why there are none.
import { trainingCurve, type LossPoint, type TrainingCurve } from "../../domain/trainingLog.js";
import type { ChartTick, LossChartView } from "../../protocol.js";
import { stageOf, type TaskFacts } from "./taskFacts.js";
import type { Translate } from "../translate.js";

/** More are thinned out in the picture; the table says so. */
const mostDrawn = 600;
const mostRows = 200;

/** What a log tells of the losses. Reading it takes a while: once for each log, not for each picture. */
export interface LogCurve extends TrainingCurve {
  readonly hasLog: boolean;
}

export function logCurve(log: string): LogCurve {
  return { ...trainingCurve(log), hasLog: log.trim() !== "" };
}

export function lossChart(facts: TaskFacts, curve: LogCurve, t: Translate): LossChartView {
  const { points: all, finalLoss, hasLog } = curve;
  const attempts = attemptsOf(all);
  const points = attempts.at(-1) ?? [];
  const drawn = points.filter((point) => Number.isFinite(point.loss));
  const table = lossTable(points, t);
  const caption = captionOf(facts, { points, finalLoss, attempts: attempts.length, hasLog }, t);
  if (drawn.length < 2) return { caption, table };
  const isByEpoch = drawn.every((point) => point.epoch !== undefined && Number.isFinite(point.epoch));
  const places = drawn.map((point, index) => (isByEpoch ? (point.epoch ?? 0) : (point.step ?? index + 1)));
  const across = axis(Math.min(0, ...places), Math.max(...places), 6);
  const losses = drawn.map((point) => point.loss);
  const up = axis(Math.min(0, ...losses), Math.max(...losses), 5);
  const marks = drawn.map((point, index) => ({
    x: across.place(places[index] ?? 0),
    y: up.place(point.loss),
    label: pointLabel(point, t),
  }));
  return {
    caption,
    table,
    plot: {
      points: thinned(marks, mostDrawn),
      across: across.ticks,
      up: up.ticks,
      acrossLabel: isByEpoch ? t("Epochs") : t("Steps"),
      upLabel: t("Loss"),
      summary: t(
        "Loss from {0} to {1} in {2} values",
        short(losses[0] ?? 0),
        short(losses.at(-1) ?? 0),
        drawn.length,
      ),
    },
  };
}

/** A training that was begun again starts its epochs anew. */
function attemptsOf(points: readonly LossPoint[]): readonly (readonly LossPoint[])[] {
  const attempts: LossPoint[][] = [];
  for (const point of points) {
    const current = attempts.at(-1);
    const last = current?.at(-1);
    const isAnew = isLess(point.epoch, last?.epoch) || isLess(point.step, last?.step);
    if (current && !isAnew) current.push(point);
    else attempts.push([point]);
  }
  return attempts;
}

function isLess(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && a < b;
}

function pointLabel({ loss, epoch, step }: LossPoint, t: Translate): string {
  if (step !== undefined) return t("Step {0}: {1}", step, short(loss));
  return epoch === undefined ? short(loss) : t("Epoch {0}: {1}", short(epoch), short(loss));
}

function lossTable(points: readonly LossPoint[], t: Translate): LossChartView["table"] {
  if (points.length === 0) return undefined;
  const hasSteps = points.some((point) => point.step !== undefined);
  const hasEpochs = points.some((point) => point.epoch !== undefined);
  const rows = thinned(points, mostRows).map((point) => [
    ...(hasSteps ? [point.step === undefined ? "" : String(point.step)] : []),
    ...(hasEpochs ? [point.epoch === undefined ? "" : short(point.epoch)] : []),
    short(point.loss),
    point.learningRate === undefined ? "" : String(point.learningRate),
  ]);
  return {
    head: [
      ...(hasSteps ? [t("Step")] : []),
      ...(hasEpochs ? [t("Epoch")] : []),
      t("Loss"),
      t("Learning rate"),
    ],
    rows,
    note: rows.length < points.length ? t("{0} of {1} values.", rows.length, points.length) : "",
  };
}

interface Losses {
  /** Of the last attempt. */
  readonly points: readonly LossPoint[];
  readonly finalLoss?: number;
  readonly attempts: number;
  readonly hasLog: boolean;
}

function captionOf(facts: TaskFacts, losses: Losses, t: Translate): string {
  const { points, finalLoss, attempts } = losses;
  const parts = [
    points.length > 0
      ? t(
          "The loss covers all tokens of a row: question, answer and padding alike. It tells how well the rows were learned, not how good the answers are.",
        )
      : whyNoCurve(facts, losses.hasLog, t),
    attempts > 1 ? t("The training was begun {0} times; this is the last.", attempts) : "",
    points.some((point) => !Number.isFinite(point.loss))
      ? t("Some values are no numbers: the training diverged there.")
      : "",
    finalLoss === undefined ? "" : t("Mean over the whole training: {0}.", short(finalLoss)),
  ];
  return parts.filter((part) => part !== "").join(" ");
}

function whyNoCurve({ item }: TaskFacts, hasLog: boolean, t: Translate): string {
  switch (stageOf(item)) {
    case "Init":
    case "SettingUp":
    case "SetUp":
      return t("No curve yet: the training has not begun.");
    case "Training":
      return t("No curve yet: most providers write the training's output in one block when it has ended.");
    case "Failed":
      return t("No curve: the training ended before a loss was logged.");
    default:
      return hasLog
        ? t("No curve: the trainer logs the loss every 10 steps, and this training logged none.")
        : t("No curve: the provider's log is empty, or could not be read.");
  }
}

interface Axis {
  readonly ticks: readonly ChartTick[];
  /** 0 at the axis' start, 1 at its end. */
  place(value: number): number;
}

/** Round numbers around the values, about `count` of them. */
function axis(low: number, high: number, count: number): Axis {
  const span = high - low || 1;
  const raw = span / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  const place = (value: number) => (value - first * step) / ((last - first) * step);
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => {
    const value = Number(((first + index) * step).toPrecision(6));
    return { at: place(value), label: short(value) };
  });
  return { ticks, place };
}

/** At most `most` of them, evenly, with the first and the last. */
function thinned<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  const step = (items.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => items[Math.round(index * step)]).filter(
    (item) => item !== undefined,
  );
}

function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
}
