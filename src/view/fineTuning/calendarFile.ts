// A deadline as a calendar entry (RFC 5545): no code of ours runs while the editor is closed, a calendar does.
import type { Translate } from "../translate.js";

export interface CalendarFacts {
  readonly taskId: string;
  readonly model: string;
  readonly provider: string;
  /** False while its delivery is to come: the same entry, saved again, then takes this one's place. */
  readonly isDelivered: boolean;
  /** Milliseconds since 1970. */
  readonly deadline: number;
  readonly now: number;
}

const hour = 60 * 60_000;

/** The last hour, with reminders an hour before it and five minutes before it. */
export function calendarFile(
  { taskId, model, provider, isDelivered, deadline, now }: CalendarFacts,
  t: Translate,
): string {
  const summary = isDelivered
    ? t("Acknowledge the tuned model {0}", model)
    : t("Look whether the tuned model {0} is delivered", model);
  const description = isDelivered
    ? t(
        "Open the editor and acknowledge the model of task {0} at {1} before this time, or a part of the fee and the model are lost.",
        taskId,
        provider,
      )
    : t(
        "Open the editor before this time: the model of task {0} at {1} may be delivered and has to be acknowledged, or a part of the fee and the model are lost.",
        taskId,
        provider,
      );
  const alarm = (before: string) => [
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    `DESCRIPTION:${escaped(summary)}`,
    `TRIGGER:-${before}`,
    "END:VALARM",
  ];
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//0G Compute for VS Code//EN",
    "BEGIN:VEVENT",
    `UID:${escaped(taskId)}@zerog-compute`,
    `DTSTAMP:${stamp(now)}`,
    `DTSTART:${stamp(deadline - hour)}`,
    `DTEND:${stamp(deadline)}`,
    `SUMMARY:${escaped(summary)}`,
    `DESCRIPTION:${escaped(description)}`,
    ...alarm("PT1H"),
    ...alarm("PT5M"),
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  return `${lines.flatMap(folded).join("\r\n")}\r\n`;
}

function stamp(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
}

function escaped(text: string): string {
  return text.replace(/[\\;,]/g, "\\$&").replace(/[\r\n]+/g, " ");
}

/** Lines are at most 75 bytes; the rest goes on behind a space. */
function folded(line: string): readonly string[] {
  const pieces: string[] = [];
  let piece = "";
  for (const character of line) {
    if (bytesOf(piece + character) > 74) {
      pieces.push(piece);
      piece = ` ${character}`;
    } else piece += character;
  }
  return [...pieces, piece];
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
