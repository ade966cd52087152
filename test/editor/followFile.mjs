// Prints a file while another process writes it.
import { closeSync, existsSync, openSync, readSync } from "node:fs";

/**
 * @param {string} file may not exist yet
 * @param {(text: string) => void} show
 * @returns {{ stop: () => void }} stop shows what is still unread
 */
export function followFile(file, show) {
  const decoder = new TextDecoder();
  const buffer = Buffer.alloc(64 * 1024);
  let position = 0;
  const read = () => {
    if (!existsSync(file)) return;
    const descriptor = openSync(file, "r");
    try {
      for (
        let length;
        (length = readSync(descriptor, buffer, 0, buffer.length, position)) > 0;
        position += length
      )
        show(decoder.decode(buffer.subarray(0, length), { stream: true }));
    } finally {
      closeSync(descriptor);
    }
  };
  const timer = setInterval(read, 100);
  return {
    stop: () => {
      clearInterval(timer);
      read();
    },
  };
}
