/**
 * Numbers that come out the same in every JavaScript engine. `Math.exp` and `Math.log` may differ in their last bits between
 * engines; + - * / and `Math.sqrt` may not. The trained bytes depend on these, so training uses only what is exactly specified.
 */

const log2e = 1.4426950408889634;
const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;
const powersOfTwo = makePowersOfTwo();

/** e^x within about 1e-9 relative, for x in [-700, 700]; outside it is 0 or e^700. */
export function exp(x: number): number {
  if (x < -700) return 0;
  const y = x > 700 ? 700 : x;
  const k = Math.floor(y * log2e + 0.5);
  const r = y - k * ln2High - k * ln2Low;
  const p =
    1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r * (1 / 5040)))))));
  return p * (powersOfTwo[k + 1023] ?? 0);
}

/** Natural logarithm of a positive number, within about 1e-9. Zero and below give the logarithm of 1e-300. */
export function log(x: number): number {
  let m = x > 1e-300 ? x : 1e-300;
  let k = 0;
  while (m > 1.4142135623730951) {
    m /= 2;
    k++;
  }
  while (m < 0.7071067811865476) {
    m *= 2;
    k--;
  }
  const s = (m - 1) / (m + 1);
  const q = s * s;
  const series = 1 + q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * (1 / 11 + q * (1 / 13))))));
  return 2 * s * series + k * (ln2High + ln2Low);
}

function makePowersOfTwo(): Float64Array {
  const table = new Float64Array(2047);
  table[1023] = 1;
  for (let k = 1; k <= 1023; k++) {
    table[1023 + k] = (table[1022 + k] ?? 0) * 2;
    table[1023 - k] = (table[1024 - k] ?? 0) / 2;
  }
  return table;
}

/** A small seeded generator (mulberry32): uniform in [0, 1). Not for secrets. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A new array with the same items in an order drawn from `random`. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const keyed = items.map((item, index) => ({ item, key: random(), index }));
  keyed.sort((a, b) => a.key - b.key || a.index - b.index);
  return keyed.map((entry) => entry.item);
}
