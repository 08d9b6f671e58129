import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isAssayError } from "../../core/errors.ts";
import type { TextUpload } from "../../store/node/uploadAnswer.ts";
import { pathOf, topicAt } from "../board.ts";
import { parseEnvelope } from "../dsse.ts";
import { mostBundleCharacters, mostEnvelopeCharacters } from "../limits.ts";
import { attestationFolder } from "./attestationFolder.ts";

/**
 * Takes envelopes that others write to a store's folder. Whether a signature is right is not looked at: that is for who reads it,
 * with keys of its own.
 */
export function topicUpload(folder: string, path: string): TextUpload | undefined {
  const topic = topicAt(path);
  if (topic === undefined) return undefined;
  return {
    maxBytes: mostEnvelopeCharacters,
    async keep(text) {
      const size = await stat(join(folder, pathOf(topic))).then(
        (found) => found.size,
        () => 0,
      );
      if (size + text.length > mostBundleCharacters)
        return `there are ${size} bytes about this already, which is the most`;
      try {
        await attestationFolder(folder).add(parseEnvelope(text), [topic]);
      } catch (error) {
        if (isAssayError(error, "attestation/malformed", "attestation/too-large")) return error.message;
        throw error;
      }
      return undefined;
    },
  };
}
