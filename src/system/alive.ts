// Whether a process is there, by its number: by now it may belong to somebody else.
import { codeOf } from "./folder.js";

export function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM"; // another user's
  }
}
