import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { AssayError } from "../../core/errors.ts";
import { makeFolder } from "../../core/node/makeFolder.ts";
import { diskError } from "../../store/node/atomicFile.ts";
import { type AttestationSource, pathOf, type Topic } from "../board.ts";
import { parseBundle } from "../bundle.ts";
import { type Envelope, formatEnvelope } from "../dsse.ts";
import { mostBundleCharacters } from "../limits.ts";

/** Attestations in a folder of this machine, beside the contents of a store: one file for each topic, one line for each envelope. */
export interface AttestationFolder extends AttestationSource {
  /**
   * Adds an envelope under topics, durably. One that is there already is not added again. Several processes may do so at once: each
   * adds a whole line, and what a killed one has left of its line nobody takes for one.
   * @throws AssayError `store/full-fault`, `store/io-fault`
   */
  add(envelope: Envelope, topics: readonly Topic[]): Promise<void>;
}

export function attestationFolder(folder: string): AttestationFolder {
  async function read(topic: Topic): Promise<string> {
    const file = join(folder, pathOf(topic));
    try {
      const handle = await open(file, "r");
      try {
        const { size } = await handle.stat();
        if (size <= mostBundleCharacters) return await handle.readFile("utf8");
        throw new AssayError("attestation/too-large", `${file} has ${size} bytes`, {
          size,
          most: mostBundleCharacters,
        });
      } finally {
        await handle.close();
      }
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === "ENOENT") return "";
      throw code === undefined || code.includes("/") ? cause : diskError(cause, "read", file);
    }
  }

  return {
    url: pathToFileURL(folder).href,
    find: async (topic) => parseBundle(await read(topic)),
    async add(envelope, topics) {
      const line = formatEnvelope(envelope);
      for (const topic of topics) {
        if ((await read(topic)).split("\n").includes(line)) continue;
        await append(join(folder, pathOf(topic)), `\n${line}\n`);
      }
    },
  };
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
