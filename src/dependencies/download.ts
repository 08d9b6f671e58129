import { concatBytes } from "../core/bytes.ts";
import { isAssayError } from "../core/errors.ts";
import { Attempt } from "../store/attempt.ts";
import type { Answer } from "../store/fetchContent.ts";
import { defaultFetchLimits, type FetchLimits } from "../store/fetchLimits.ts";
import { failed, request } from "../store/httpRequest.ts";

export interface DownloadOptions {
  readonly accept?: string;
  readonly maxBytes: number;
  readonly limits?: FetchLimits;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What an address answers, with the bounds and the care of a store's mirrors: bytes and time are bounded, a redirect leads to the
 * same server or to https. Nothing is checked by a hash here.
 * @throws AssayError `store/cancelled`
 */
export async function download(url: string, options: DownloadOptions): Promise<Answer<Uint8Array>> {
  const { accept, maxBytes, limits = defaultFetchLimits, signal } = options;
  const attempt = new Attempt(url, maxBytes, limits, signal);
  try {
    const response = await request({ method: "GET", url: new URL(url), accept }, limits, attempt);
    if ("kind" in response) return response;
    const length = response.headers.get("content-length");
    const size = /^\d{1,15}$/.test(length ?? "") ? Number(length) : undefined;
    if (size !== undefined && size > maxBytes) return tooLarge(maxBytes);
    const pieces: Uint8Array[] = [];
    let read = 0;
    const reader = response.body?.getReader();
    for (;;) {
      const piece = await reader?.read();
      if (piece?.value === undefined) break;
      read += piece.value.length;
      if (read > maxBytes) return tooLarge(maxBytes);
      pieces.push(piece.value);
      attempt.progressed(read);
    }
    if (size !== undefined && read !== size) return failed(`broke off after ${read} of ${size} bytes`);
    return { kind: "brought", value: concatBytes(...pieces) };
  } catch (error) {
    if (isAssayError(error)) throw error;
    return failed(attempt.reasonOf(error));
  } finally {
    attempt.end();
  }
}

function tooLarge(maxBytes: number): Answer<never> {
  return { kind: "too-large", why: `sends more than ${maxBytes} bytes` };
}
