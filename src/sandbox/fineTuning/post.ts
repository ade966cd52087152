// What a worker of the trainer stands at, and what all of them need.
import { NotMined, Reverted } from "../marketplace.js";
import type { Provider } from "../providers/provider.js";
import type { Workshop } from "./workshop.js";

export interface Post {
  readonly provider: Provider;
  readonly workshop: Workshop;
}

/** How often a stage is tried before the task is given up; training is tried twice. */
export const maxAttempts = 10;

/** Before something is signed: by the signer that the fault `rotate-signer` asks for, else by the own one again. */
export async function followSigner({ provider }: Post): Promise<void> {
  const rotation = provider.world.faults.peek(provider.address, "rotate-signer");
  await provider.enclave.use(rotation !== undefined, rotation?.value !== "unacknowledged");
}

/** One sentence; never what users wrote. */
export function reasonOf(error: unknown): string {
  if (error instanceof NotMined) return "the transaction is not mined yet";
  if (error instanceof Reverted) return `execution reverted: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
