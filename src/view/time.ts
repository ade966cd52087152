// Times and durations as people say them.
import type { Translate } from "./translate.js";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long ago, by milliseconds since 1970: "just now", "3 min ago", "2 h ago", "yesterday", "5 days ago". */
export function formatAgo(at: number, now: number, t: Translate): string {
  const passed = Math.max(0, now - at);
  if (passed < minute) return t("just now");
  if (passed < hour) return t("{0} min ago", Math.floor(passed / minute));
  if (passed < day) return t("{0} h ago", Math.floor(passed / hour));
  if (passed < 2 * day) return t("yesterday");
  return t("{0} days ago", Math.floor(passed / day));
}

/** How long it took: "850 ms", "1.2 s", "2 min 5 s". */
export function formatDuration(ms: number, t: Translate): string {
  if (ms < second) return t("{0} ms", Math.round(ms));
  if (ms < 10 * second) return t("{0} s", (Math.floor(ms / 100) / 10).toFixed(1));
  if (ms < minute) return t("{0} s", Math.floor(ms / second));
  return t("{0} min {1} s", Math.floor(ms / minute), Math.floor((ms % minute) / second));
}

/** A waiting time in whole seconds, in its largest even unit: "24 hours", "90 minutes". */
export function formatPeriod(seconds: number, t: Translate): string {
  if (seconds >= 2 * 86_400 && seconds % 86_400 === 0) return t("{0} days", seconds / 86_400);
  if (seconds >= 7200 && seconds % 3600 === 0) return t("{0} hours", seconds / 3600);
  if (seconds >= 120 && seconds % 60 === 0) return t("{0} minutes", seconds / 60);
  return t("{0} seconds", seconds);
}

/**
 * A span of time: "7 days", below two days "11 h 20 min", then "45 min" and "50 s"; never below "0 s".
 * Days are the nearest, so that a week that has just begun is not called six of them; all else is rounded down, as
 * nobody should count on a minute that is not there.
 */
export function formatRemaining(ms: number, t: Translate): string {
  const left = Math.max(0, ms);
  if (left < minute) return t("{0} s", Math.floor(left / second));
  if (left < hour) return t("{0} min", Math.floor(left / minute));
  if (left < 2 * day) return t("{0} h {1} min", Math.floor(left / hour), Math.floor((left % hour) / minute));
  return t("{0} days", Math.round(left / day));
}
