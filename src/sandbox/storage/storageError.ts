// Refusals of a storage node, in the codes and words of the official one where clients look at them (spec storage.md 6).

export class StorageError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data?: string,
  ) {
    super(message);
    this.name = "StorageError";
  }
}

/** A parameter that is not acceptable. */
export function invalidParams(field: string, reason: string): StorageError {
  return new StorageError(-32602, `Invalid params: ${field}`, reason);
}

/** What the official node's pool, store or proof check says, passed on as it is. */
export function refused(reason: string): StorageError {
  return new StorageError(-32000, reason);
}
