// Figures: runs sides in turn, so that whatever else the machine does meets all of them, and keeps every run.

export interface Stats {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

export function stats(values: readonly number[]): Stats {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? NaN;
  return {
    median: (lower + upper) / 2,
    min: sorted[0] ?? NaN,
    max: sorted.at(-1) ?? NaN,
    runs: sorted.length,
  };
}

/** How far one side's median is from another's, and between which bounds it lies with a probability of 95 %. */
export interface Shift {
  readonly shift: number;
  readonly low: number;
  readonly high: number;
}

/** From `base` to `side`. The bounds are those of the bootstrap: what the medians of as many draws with replacement do. */
export function medianShift(base: readonly number[], side: readonly number[]): Shift {
  const draw = (values: readonly number[]) =>
    stats(values.map(() => values[Math.floor(Math.random() * values.length)] ?? NaN)).median;
  const draws = Array.from({ length: 2000 }, () => draw(side) - draw(base)).sort((a, b) => a - b);
  const at = (share: number) => draws[Math.floor(share * draws.length)] ?? NaN;
  return { shift: stats(side).median - stats(base).median, low: at(0.025), high: at(0.975) };
}

/** Milliseconds that `work` takes. */
export async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** What something cost. CPU time is this process's own: it hardly moves when the machine is busy with other things. */
export interface Cost {
  readonly ms: number;
  readonly cpuMs: number;
}

export async function cost(work: () => Promise<unknown>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const ms = await elapsed(work);
  return { ms, cpuMs: cpuMsSince(cpu) };
}

export function cpuMsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/**
 * Rounds of A B C, C A B, ...: in an order of chance, as whoever comes after a certain other one has it easier or harder. Each side tells what it
 * measured, so that what it prepares need not count. The warm-up rounds, in which code is compiled and connections are opened, are left out.
 */
export async function inTurn<Side extends string, Measured>(
  rounds: number,
  sides: Readonly<Record<Side, () => Promise<Measured>>>,
  warmUps = 3,
): Promise<Record<Side, Measured[]>> {
  const names = Object.keys(sides) as Side[];
  const kept = Object.fromEntries(names.map((name) => [name, [] as Measured[]])) as Record<Side, Measured[]>;
  for (let round = -warmUps; round < rounds; round++)
    for (const name of shuffled(names)) {
      const measured = await sides[name]();
      if (round >= 0) kept[name].push(measured);
    }
  return kept;
}

function shuffled<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
