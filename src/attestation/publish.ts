import { upload } from "../store/httpUpload.ts";
import { pathOf, type Topic } from "./board.ts";
import { type Envelope, formatEnvelope } from "./dsse.ts";

/**
 * Adds an envelope under topics at a server that takes it (`assay store serve --accept`). One that is there already is not added again.
 * @param token the server's. @throws AssayError `store/not-taken-fault`, `store/cancelled`
 */
export async function postEnvelope(
  url: string,
  token: string | undefined,
  envelope: Envelope,
  topics: readonly Topic[],
  signal?: AbortSignal,
): Promise<void> {
  const body = new TextEncoder().encode(formatEnvelope(envelope));
  const base = url.endsWith("/") ? url : `${url}/`;
  for (const topic of topics) {
    const place = new URL(pathOf(topic), base);
    await upload({ method: "POST", url: place, body, contentType: "application/json", token, signal });
  }
}
