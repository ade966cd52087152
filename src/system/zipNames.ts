// Names in a zip were chosen by a stranger: only those are taken that mean the same file on every system, inside the folder.

const maxPath = 1_000;
const maxPart = 200;
const maxDepth = 32;
/** Windows opens a device instead of a file. */
const devices = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Why a name is refused; undefined when it is a plain relative path. A folder's name ends with a slash. */
export function nameProblem(name: string): string | undefined {
  const parts = name.replace(/\/$/, "").split("/");
  if (name.length > maxPath || parts.length > maxDepth) return "a path that is too long";
  if (/[\p{Cc}\ufffd]/u.test(name)) return "a name with control characters";
  if (name.includes("\\")) return "a name with a backslash";
  if (name.startsWith("/") || name === "") return "an absolute path";
  if (parts.some((part) => part === ".." || part === "." || part === ""))
    return "a path that leads elsewhere";
  if (/[:<>"|?*]/.test(name)) return "a name that not every system takes";
  if (parts.some((part) => /[. ]$/.test(part) || devices.test(part) || part.length > maxPart))
    return "a name that not every system takes";
  return undefined;
}

/** Finds names that are one file on systems that ignore case or spelling of accents, and files that are folders as well. */
export class NameRegister {
  /** How each path was spelled, and whether it is a folder. */
  private readonly known = new Map<string, { readonly spelling: string; readonly isFolder: boolean }>();

  /** Why a checked name cannot be added. */
  add(name: string): string | undefined {
    const isFolder = name.endsWith("/");
    const parts = name.replace(/\/$/, "").split("/");
    for (let depth = 1; depth < parts.length; depth++) {
      const problem = this.enter(parts.slice(0, depth).join("/"), true);
      if (problem) return problem;
    }
    return this.enter(parts.join("/"), isFolder);
  }

  private enter(spelling: string, isFolder: boolean): string | undefined {
    const key = spelling.normalize("NFKC").toLowerCase();
    const other = this.known.get(key);
    if (!other) {
      this.known.set(key, { spelling, isFolder });
      return undefined;
    }
    if (other.spelling !== spelling) return "two names that some systems take for one";
    return isFolder && other.isFolder ? undefined : "a name that comes twice";
  }
}
