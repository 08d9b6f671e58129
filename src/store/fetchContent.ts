import { Attempt } from "./attempt.ts";
import { type ContentId, contentIdOf } from "./contentId.ts";
import type { FetchLimits } from "./fetchLimits.ts";

/** Why content did not come. `why` is the end of a sentence that begins with the mirror. */
export interface Refusal {
  /**
   * `missing`: it does not have the content; `too-large`: the content is larger than the caller takes, or so it says: neither
   * is held against it. `failed`: not reached, too slow, broken off, another status. `lied`: other bytes than asked for.
   */
  readonly kind: "missing" | "too-large" | "failed" | "lied";
  readonly why: string;
}

/** What came of a request to a mirror. */
export type Answer<T> = { readonly kind: "brought"; readonly value: T } | Refusal;

/** Where a mirror has content. @param mirror an http(s) address, to which `sha256/<64 digits>` is added as to a folder. */
export function contentUrl(mirror: string, id: ContentId): URL {
  return new URL(id.replace(":", "/"), mirror.endsWith("/") ? mirror : `${mirror}/`);
}

/**
 * Asks one mirror for content, once. Bytes and time are bounded whatever it answers, and what is returned hashes to the id.
 * @throws AssayError `store/cancelled` when the signal comes.
 */
export async function fetchContent(
  mirror: string,
  id: ContentId,
  maxBytes: number,
  limits: FetchLimits,
  signal?: AbortSignal,
): Promise<Answer<Uint8Array>> {
  const read = await fetchBytes(id, contentUrl(mirror, id), maxBytes, limits, signal);
  if (read.kind === "brought" && contentIdOf(read.value) !== id) {
    return { kind: "lied", why: "sent other bytes than asked for" };
  }
  return read;
}

/**
 * Reads what is at an address, once. Bytes and time are bounded whatever the server answers; what it sends is not checked.
 * @param what it is, for errors.
 * @throws AssayError `store/cancelled` when the signal comes.
 */
export async function fetchBytes(
  what: string,
  url: URL,
  maxBytes: number,
  limits: FetchLimits,
  signal?: AbortSignal,
): Promise<Answer<Uint8Array>> {
  return await attempt(what, maxBytes, limits, signal, async (running) => {
    const response = await request("GET", url, limits, running);
    return "kind" in response ? response : await readBody(response, maxBytes, running);
  });
}

/** Asks one mirror whether it has content; it may say so and still not bring it. */
export async function probeContent(
  mirror: string,
  id: ContentId,
  limits: FetchLimits,
  signal?: AbortSignal,
): Promise<Answer<true>> {
  return await attempt(id, 0, limits, signal, async (running) => {
    const response = await request("HEAD", contentUrl(mirror, id), limits, running);
    return "kind" in response ? response : { kind: "brought", value: true };
  });
}

async function attempt<T>(
  what: string,
  maxBytes: number,
  limits: FetchLimits,
  signal: AbortSignal | undefined,
  work: (running: Attempt) => Promise<Answer<T>>,
): Promise<Answer<T>> {
  const running = new Attempt(what, maxBytes, limits, signal);
  try {
    return await work(running);
  } catch (error) {
    return failed(running.reasonOf(error));
  } finally {
    running.end();
  }
}

const redirectStatuses = [301, 302, 303, 307, 308];
/** A store behind a bucket without a public listing answers 403 for what it does not have. */
const missingStatuses = [403, 404, 410];

/** An answer whose body may be read, or why there is none. */
async function request(
  method: "GET" | "HEAD",
  first: URL,
  limits: FetchLimits,
  running: Attempt,
): Promise<Response | Refusal> {
  let url = first;
  for (let redirects = 0; ; redirects++) {
    const response = await fetch(url, {
      method,
      headers: { accept: "application/octet-stream, */*", "accept-encoding": "identity" },
      redirect: "manual",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: running.signal,
    });
    if (response.type === "opaqueredirect") return failed("redirects, to where a browser does not say");
    if (!redirectStatuses.includes(response.status)) return usable(response);
    if (redirects === limits.redirects) return failed(`redirects more than ${limits.redirects} times`);
    await response.body?.cancel();
    const next = redirectTarget(url, response.headers.get("location"));
    if (!(next instanceof URL)) return next;
    url = next;
  }
}

/**
 * SAFETY: a mirror chooses where a redirect leads. Only its own origin and https are followed, so that no request reaches a
 * service of the private network that speaks plain HTTP.
 */
function redirectTarget(from: URL, location: string | null): URL | Refusal {
  const to = location !== null && URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (to === undefined) return failed("redirects to no address");
  if (to.username !== "" || to.password !== "") return failed("redirects to an address with a password");
  if (to.origin === from.origin || to.protocol === "https:") return to;
  return failed("redirects to another server without https");
}

function usable(response: Response): Response | Refusal {
  const { status } = response;
  if (missingStatuses.includes(status)) return { kind: "missing", why: "does not have it" };
  if (status !== 200) return failed(`answered with status ${status}`);
  const encoding = response.headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (encoding === "" || encoding === "identity") return response;
  return { kind: "lied", why: "sent encoded content, which was not asked for" };
}

function failed(why: string): Refusal {
  return { kind: "failed", why };
}

async function readBody(response: Response, maxBytes: number, running: Attempt): Promise<Answer<Uint8Array>> {
  const tooLarge: Refusal = { kind: "too-large", why: `sends more than ${maxBytes} bytes` };
  const length = response.headers.get("content-length") ?? "";
  const declared = /^\d{1,15}$/.test(length) ? Number(length) : undefined;
  if (declared !== undefined && declared > maxBytes) return tooLarge;
  // One buffer, not a list of chunks: a mirror that sends single bytes would make a list of millions.
  let buffer = new Uint8Array(declared ?? Math.min(2 ** 16, maxBytes));
  let size = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const chunk = await reader?.read();
    if (chunk?.value === undefined) break;
    const end = size + chunk.value.length;
    if (end > maxBytes) return tooLarge;
    if (end > buffer.length) {
      const larger = new Uint8Array(Math.min(maxBytes, Math.max(end, 2 * buffer.length)));
      larger.set(buffer.subarray(0, size));
      buffer = larger;
    }
    buffer.set(chunk.value, size);
    size = end;
    running.progressed(size);
  }
  return { kind: "brought", value: size === buffer.length ? buffer : buffer.slice(0, size) };
}
