import { AssayError, isAssayError } from "../core/errors.ts";
import { contentIdOf } from "./contentId.ts";
import { contentUrl } from "./fetchContent.ts";
import { defaultFetchLimits, type FetchLimits } from "./fetchLimits.ts";
import type { MirrorOptions } from "./mirrorHealth.ts";
import { mirrorSource } from "./mirrors.ts";
import type { Store } from "./store.ts";

/** What is written to a server. */
export interface Upload {
  readonly method: "PUT" | "POST";
  readonly url: URL;
  readonly body: Uint8Array;
  readonly contentType: string;
  /** Of the server's; undefined where none is needed. */
  readonly token?: string | undefined;
  readonly limits?: FetchLimits;
  readonly signal?: AbortSignal | undefined;
}

/** Characters of a server's answer that are told. */
const mostAnswer = 200;

/**
 * Writes something to a server, once. The token goes to no other address than this: redirects are not followed.
 * @throws AssayError `store/not-taken-fault` with the server's status and words; `store/cancelled`
 */
export async function upload(asked: Upload): Promise<void> {
  const { method, url, body, contentType, token, limits = defaultFetchLimits, signal } = asked;
  const total = limits.totalMilliseconds + (body.length / limits.bytesPerSecond) * 1000;
  const clock = new AbortController();
  const timer = setTimeout(() => clock.abort(), Math.min(total, 2 ** 31 - 1));
  const where = url.href;
  try {
    const response = await fetch(url, {
      method,
      body: body as Uint8Array<ArrayBuffer>,
      headers: { "content-type": contentType, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      redirect: "manual",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: signal === undefined ? clock.signal : AbortSignal.any([signal, clock.signal]),
    });
    const { status } = response;
    if (status >= 200 && status < 300) {
      await response.body?.cancel();
      return;
    }
    const text = (await firstWords(response)).trim();
    const said = text === "" ? "" : `: ${text}`;
    throw new AssayError("store/not-taken-fault", `${where} was not written: status ${status}${said}`, {
      url: where,
      status,
    });
  } catch (error) {
    if (isAssayError(error)) throw error;
    if (signal?.aborted) {
      throw new AssayError("store/cancelled", `writing ${where} was cancelled`, { what: where }, { cause: error });
    }
    const { code, message } = ((error as Error).cause ?? error) as { code?: string; message?: string };
    const why = clock.signal.aborted ? "it took too long" : (code ?? message);
    throw new AssayError("store/not-taken-fault", `${where} was not written: ${why}`, { url: where }, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function firstWords(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  let text = "";
  const decoder = new TextDecoder();
  while (text.length < mostAnswer) {
    const chunk = await reader?.read();
    if (chunk?.value === undefined) break;
    text += decoder.decode(chunk.value, { stream: true });
  }
  await reader?.cancel();
  return text.slice(0, mostAnswer);
}

/** A store on another machine that is written to as well: `assay store serve --accept`. @param url as of a mirror */
export function remoteStore(url: string, token: string | undefined, options: MirrorOptions = {}): Store {
  const source = mirrorSource([url], options);
  return {
    ...source,
    async put(bytes) {
      const id = contentIdOf(bytes);
      if (await source.has(id)) return id;
      const { limits, signal } = options;
      await upload({
        method: "PUT",
        url: contentUrl(url, id),
        body: bytes,
        contentType: "application/octet-stream",
        token,
        ...(limits !== undefined && { limits }),
        signal,
      });
      return id;
    },
  };
}
