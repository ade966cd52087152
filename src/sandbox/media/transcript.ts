// What the sandbox hears: nothing. Its transcripts are made of the file's hash and length, always the same ones, and say so.
import { createHash } from "node:crypto";

export const transcriptFormats = ["json", "text", "srt", "vtt", "verbose_json"] as const;
export type TranscriptFormat = (typeof transcriptFormats)[number];

interface Segment {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const secondsPerSegment = 5;
const mostSegments = 200;
const words = ["river", "stone", "lamp", "garden", "winter", "paper", "bridge", "apple", "window", "letter"];

export interface Transcript {
  readonly contentType: string;
  readonly text: string;
}

export function transcribe(audio: Uint8Array, seconds: number, format: TranscriptFormat): Transcript {
  const segments = segmentsOf(audio, seconds);
  const text = segments.map((segment) => segment.text).join(" ");
  const json = (value: object) => ({ contentType: "application/json", text: JSON.stringify(value) });
  switch (format) {
    case "json":
      return json({ text, usage: { type: "duration", seconds } });
    case "verbose_json":
      return json({ task: "transcribe", language: "english", duration: seconds, text, segments });
    case "text":
      return { contentType: "text/plain; charset=utf-8", text: `${text}\n` };
    case "srt":
      return { contentType: "application/x-subrip; charset=utf-8", text: srt(segments) };
    case "vtt":
      return { contentType: "text/vtt; charset=utf-8", text: `WEBVTT\n\n${vtt(segments)}` };
  }
}

function segmentsOf(audio: Uint8Array, seconds: number): Segment[] {
  const hash = createHash("sha256").update(audio).digest();
  const count = Math.min(mostSegments, Math.max(1, Math.ceil(seconds / secondsPerSegment)));
  const each = seconds / count;
  return Array.from({ length: count }, (_, index) => ({
    start: index * each,
    end: (index + 1) * each,
    text:
      index === 0
        ? `This is the sandbox: it does not listen. The file begins with ${hash.toString("hex", 0, 4)}.`
        : `${[0, 1, 2, 3].map((word) => words[(hash[(index + word * 7) % 32] ?? 0) % words.length]).join(" ")}.`,
  }));
}

function srt(segments: readonly Segment[]): string {
  return segments
    .map(
      ({ start, end, text }, index) => `${index + 1}\n${stamp(start, ",")} --> ${stamp(end, ",")}\n${text}\n`,
    )
    .join("\n");
}

function vtt(segments: readonly Segment[]): string {
  return segments
    .map(({ start, end, text }) => `${stamp(start, ".")} --> ${stamp(end, ".")}\n${text}\n`)
    .join("\n");
}

function stamp(seconds: number, point: string): string {
  const ms = Math.round(seconds * 1000);
  const part = (value: number, digits = 2) => String(Math.floor(value)).padStart(digits, "0");
  return `${part(ms / 3_600_000)}:${part((ms / 60_000) % 60)}:${part((ms / 1000) % 60)}${point}${part(ms % 1000, 3)}`;
}
