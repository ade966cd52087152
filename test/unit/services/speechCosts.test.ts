// What a recording counts against the limit, whatever its provider says.
import assert from "node:assert/strict";
import { audioLength } from "../../../src/broker/wire/audioLength.js";
import { neuron } from "../../../src/domain/money.js";
import { costOf, mostExpensive } from "../../../src/services/media/transcripts.js";
import { og } from "../../support/builders.js";
import { aSound } from "../../support/media.js";

describe("What a recording costs", () => {
  const bySecond = { inputPrice: neuron(1n), outputPrice: neuron(0n) };
  const byToken = { inputPrice: neuron(1n), outputPrice: neuron(10n) };
  const wav = { leastSeconds: 600, mostSeconds: 600 };
  /** Some 42 minutes, and 12.5 at least. */
  const mp3 = { leastSeconds: 750, mostSeconds: 60_000 };
  const cost = (...[service, facts, input, output = 0]: [typeof bySecond, typeof wav, number, number?]) =>
    costOf(service, facts, { counts: { input, output }, text: "five words that were said" }, og("1"));

  it("is what the provider counted where that can be", () => {
    assert.deepEqual(cost(bySecond, wav, 600), { cost: 600n, isCostKnown: true });
    assert.deepEqual(cost(bySecond, mp3, 2500), { cost: 2500n, isCostKnown: true });
    assert.deepEqual(cost(byToken, wav, 6000, 900), { cost: 15_000n, isCostKnown: true });
  });

  it("is never less than what the provider says it charged, however long the file is", () => {
    assert.deepEqual(cost(bySecond, wav, 6000), { cost: 6000n, isCostKnown: true });
    assert.deepEqual(cost(byToken, wav, 1, 50_000), { cost: 500_001n, isCostKnown: false });
    const counts = { input: 6000, output: 0 };
    const { cost: bounded } = costOf(bySecond, wav, { counts, text: "words" }, neuron(700n));
    assert.equal(bounded, 700n, "no more can be taken than there is");
  });

  it("is the upper bound where the provider says nothing, or less than the file can be", () => {
    for (const input of [0, 1, 700])
      assert.deepEqual(cost(bySecond, mp3, input), { cost: 60_000n, isCostKnown: false });
    assert.deepEqual(cost(bySecond, { leastSeconds: 0.1, mostSeconds: 1 }, 0), {
      cost: 1n,
      isCostKnown: false,
    });
    assert.deepEqual(costOf(bySecond, wav, { text: "words" }, og("1")), { cost: 600n, isCostKnown: false });
    assert.equal(cost(byToken, wav, 600, 4).isCostKnown, false, "five words are no four tokens");
  });

  it("has the price of what is written in its upper bound", () => {
    assert.equal(mostExpensive(byToken, wav), 600n + 6000n * 10n);
    assert.equal(mostExpensive(bySecond, wav), 600n);
  });

  it("follows from the least that a file of that kind plays", () => {
    const mb = 1_000_000;
    const tag = Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0x3d, 0x09, 0x00]); // 1 MB of a cover
    assert.equal(audioLength(Buffer.from([0xff, 0xfb, 0x90, 0]), 40 * mb).least, 1000);
    assert.equal(Math.round(audioLength(tag, 41 * mb).least), 1000);
    assert.equal(audioLength(Buffer.from("fLaC"), 12 * mb).least, 10);
    const silence = Buffer.alloc(991); // ten minutes, which pack into nothing
    silence.write("fLaC");
    silence.writeUIntBE((8_000 << 4) | 0x0, 18, 3);
    silence.writeUInt32BE(600 * 8_000, 22);
    assert.deepEqual(audioLength(silence, 991), {
      seconds: 600,
      least: 991 / 1_200_000,
      most: 600,
      isExact: false,
    });
    const sound = aSound(12.5);
    assert.deepEqual(audioLength(sound, sound.length), {
      seconds: 12.5,
      least: 12.5,
      most: 12.5,
      isExact: true,
    });
    for (const [at, value] of [
      [40, 0], // a recording that was not closed: players go on to the file's end
      [32, 60_000 | (16 << 16)], // samples of 30 kB
    ] as const) {
      const other = Buffer.from(sound);
      other.writeUInt32LE(value, at);
      if (at === 32) other.writeUInt32LE(other.readUInt32LE(24) * 60_000, 28);
      assert.equal(audioLength(other, other.length).isExact, false, `${value} at ${at}`);
    }
    const format = sound.subarray(12, 36);
    const grand = Buffer.from(format); // 192 kHz, eight channels of 32 bits
    grand.writeUInt16LE(8, 10);
    grand.writeUInt32LE(192_000, 12);
    grand.writeUInt32LE(192_000 * 32, 16);
    grand.writeUInt16LE(32, 20);
    grand.writeUInt16LE(32, 22);
    const samples = (length: number) => {
      const block = Buffer.alloc(8 + length);
      block.write("data");
      block.writeUInt32LE(length, 4);
      return block;
    };
    const wav = (...blocks: readonly Buffer[]) => {
      const file = Buffer.concat([sound.subarray(0, 12), ...blocks]);
      return audioLength(file.subarray(0, 4096), file.length);
    };
    const minute = samples(60 * 8_000);
    const two = wav(format, samples(8), minute);
    assert.ok(!two.isExact && two.most >= 60 && two.least < 1, "players go on behind the first samples");
    assert.ok(wav(format, grand, minute).most >= 60, "of two formats it is not known which is meant");
    assert.ok(wav(grand, samples(8), format, minute).most >= 60, "and neither is it behind the samples");
    const packed = Buffer.from(format);
    packed.writeUInt16LE(0x55, 8);
    assert.deepEqual(wav(packed, samples(30_000)).isExact, false, "MP3 is no samples");
    const list = Buffer.alloc(200);
    list.write("LIST");
    assert.deepEqual([wav(format, minute, list).isExact, wav(format, minute, list).seconds], [true, 60]);
    sound.writeUInt32LE(800_000_000, 28);
    assert.equal(audioLength(sound, sound.length).isExact, false, "a header that contradicts itself");
  });
});
