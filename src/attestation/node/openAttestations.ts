import { fileURLToPath } from "node:url";
import { AssayError } from "../../core/errors.ts";
import { type AttestationSource, attestationServer } from "../board.ts";
import { attestationFolder } from "./attestationFolder.ts";

/** What the address of an attestation source can begin with. */
export const attestationSchemes = ["file:", "https:", "http:"] as const;

/** @param url a folder (`file:`), or a server. @throws AssayError `attestation/malformed` for any other address. */
export function openAttestations(url: string): AttestationSource {
  if (url.startsWith("file:")) return attestationFolder(fileURLToPath(url));
  if (/^https?:/.test(url) && URL.canParse(url)) return attestationServer(url);
  const message = `${JSON.stringify(url)} has no attestations: an address begins with ${attestationSchemes.join(", ")}`;
  throw new AssayError("attestation/bad-address", message, { url });
}
