// Reads what a panel sends. Panels show hostile text, so their messages are checked like any other input.

export type MessageShape = Readonly<Record<string, "string" | "number" | readonly string[]>>;

/** The message, or undefined when it is of no kind in `shapes` or lacks a part. */
export function parseMessage<M extends { readonly kind: string }>(
  raw: unknown,
  shapes: { readonly [K in M["kind"]]: MessageShape },
): M | undefined {
  if (typeof raw !== "object" || raw === null) return undefined;
  const message = raw as Record<string, unknown>;
  const { kind } = message;
  if (typeof kind !== "string" || !Object.hasOwn(shapes, kind)) return undefined;
  const shape: MessageShape = shapes[kind as M["kind"]];
  const isWhole = Object.entries(shape).every(([name, type]) =>
    typeof type === "string" ? typeof message[name] === type : type.includes(message[name] as string),
  );
  return isWhole ? (message as unknown as M) : undefined;
}
