import { sha256 } from "@noble/hashes/sha2.js";
import { toHex } from "../../../core/bytes.ts";

const reportEvery = 4 * 2 ** 20;

/**
 * The sha256 of a file of any size, in hexadecimal without prefix. It is read piece by piece, and the page stays usable meanwhile.
 * @param report told how many bytes are done.
 */
export async function sha256OfFile(file: Blob, report: (done: number) => void, signal: AbortSignal): Promise<string> {
  const hash = sha256.create();
  const reader = file.stream().getReader();
  let done = 0;
  let reported = 0;
  try {
    for (;;) {
      const { value, done: isOver } = await reader.read();
      signal.throwIfAborted();
      if (isOver) return toHex(hash.digest()).slice(2);
      hash.update(value);
      done += value.length;
      if (done - reported < reportEvery) continue;
      reported = done;
      report(done);
      // Lets the page draw and hear its user.
      await new Promise((resolve) => setTimeout(resolve));
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
