import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { AssayError, isAssayError } from "../../core/errors.ts";
import { makeFolder } from "../../core/node/makeFolder.ts";
import { diskError } from "../../store/node/atomicFile.ts";
import { type AttestationSource, pathOf, type Topic } from "../board.ts";
import { linesOf, parseBundle } from "../bundle.ts";
import { type Envelope, formatEnvelope } from "../dsse.ts";
import { mostBundleCharacters, mostBundleLines } from "../limits.ts";

/** Attestations in a folder of this machine, beside the contents of a store: one file for each topic, one line for each envelope. */
export interface AttestationFolder extends AttestationSource {
  /**
   * Adds an envelope under topics, durably. One that is there already is not added again. Several processes may do so at once: each
   * adds a whole line, and what a killed one has left of its line nobody takes for one.
   * @throws AssayError `attestation/too-large` where one more is more than anybody reads, `store/full-fault`, `store/io-fault`
   */
  add(envelope: Envelope, topics: readonly Topic[]): Promise<void>;
}

export function attestationFolder(folder: string): AttestationFolder {
  async function read(topic: Topic): Promise<string> {
    const file = join(folder, pathOf(topic));
    try {
      // A pipe in the place of a file would be waited for.
      const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        const facts = await handle.stat();
        if (!facts.isFile()) throw diskError(new Error("it is not a regular file"), "read", file);
        if (facts.size > mostBundleCharacters) throw tooLarge(file, facts.size);
        return await handle.readFile("utf8");
      } finally {
        await handle.close();
      }
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === "ENOENT") return "";
      throw isAssayError(cause) || code === undefined ? cause : diskError(cause, "read", file);
    }
  }

  return {
    url: pathToFileURL(folder).href,
    find: async (topic) => parseBundle(await read(topic)),
    async add(envelope, topics) {
      const line = formatEnvelope(envelope);
      for (const topic of topics) {
        const text = await read(topic);
        const lines = linesOf(text);
        if (lines.includes(line)) continue;
        const file = join(folder, pathOf(topic));
        // Nobody reads a bundle that is larger, so that one more would take the others away.
        const size = Buffer.byteLength(text) + line.length + 2;
        if (size > mostBundleCharacters || lines.length >= mostBundleLines) throw tooLarge(file, size);
        await append(file, `\n${line}\n`);
      }
    },
  };
}

function tooLarge(file: string, size: number) {
  const message = `${file} has, or would have, ${size} bytes; at most ${mostBundleCharacters} in ${mostBundleLines} lines are read`;
  return new AssayError("attestation/too-large", message, { size, most: mostBundleCharacters });
}

/** Begins with the end of a line: what is there may end within one. Empty lines say nothing. */
async function append(file: string, text: string): Promise<void> {
  try {
    makeFolder(dirname(file));
    const handle = await open(file, "a", 0o644);
    try {
      await handle.write(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw diskError(cause, "write", file);
  }
}
