// A zip file made in memory, always the same bytes for the same files.
import { strToU8, zipSync } from "fflate";

/** Zip files hold local times and none before 1980: no file here has a time worth telling. */
const mtime = new Date(2026, 0, 1);

/** `files`: names with `/` between folders. */
export function zipOf(files: Readonly<Record<string, Uint8Array | string>>): Uint8Array {
  const entries = Object.entries(files).map(([name, content]) => [
    name,
    typeof content === "string" ? strToU8(content) : content,
  ]);
  return zipSync(Object.fromEntries(entries) as Record<string, Uint8Array>, { mtime });
}
