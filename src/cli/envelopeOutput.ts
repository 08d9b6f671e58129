import { fileURLToPath } from "node:url";
import type { Topic } from "../attestation/board.ts";
import { formatBundle } from "../attestation/bundle.ts";
import type { Envelope } from "../attestation/dsse.ts";
import { attestationFolder } from "../attestation/node/attestationFolder.ts";
import { absoluteUrl } from "../core/node/fileUrl.ts";
import { writeOutputFile } from "../store/node/outputFile.ts";

/** Where an envelope that was made here goes. */
export interface EnvelopePlaces {
  /** A folder of signed results, or its `file:` address. */
  readonly publish?: string | undefined;
  /** A file of JSON Lines that it becomes the only line of. */
  readonly bundle?: string | undefined;
}

/** @throws AssayError `store/...`, `attestation/too-large` */
export async function giveOut(
  envelope: Envelope,
  topics: readonly Topic[],
  { publish, bundle }: EnvelopePlaces,
): Promise<void> {
  if (bundle !== undefined) await writeOutputFile(bundle, new TextEncoder().encode(formatBundle([envelope])));
  if (publish !== undefined) await attestationFolder(folderAt(publish)).add(envelope, topics);
}

function folderAt(text: string): string {
  return text.startsWith("file:") ? fileURLToPath(absoluteUrl(text, process.cwd())) : text;
}
