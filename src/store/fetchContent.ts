import { isAssayError } from "../core/errors.ts";
import { Attempt } from "./attempt.ts";
import { type ContentId, contentIdOf } from "./contentId.ts";
import { type Draft, MemorySpace } from "./draft.ts";
import type { FetchLimits } from "./fetchLimits.ts";
import { failed, request } from "./httpRequest.ts";

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

/** What one mirror sends to a draft. */
export interface DraftRequest {
  readonly mirror: string;
  readonly id: ContentId;
  readonly maxBytes: number;
  readonly draft: Draft;
  /** What the mirror has called the content before; a part is asked for only if it still does. */
  readonly tag?: string | undefined;
  readonly limits: FetchLimits;
  readonly signal?: AbortSignal | undefined;
  /** Called as soon as the mirror says how long the content is, and what it calls it. */
  readonly onHead?: (size: number | undefined, tag: string | undefined) => void;
  /** Called when it has sent what nobody had sent before. */
  readonly onFresh?: () => void;
}

/**
 * Asks one mirror for what is missing of a draft, once: for bytes from the draft's end on. A mirror that sends all of it in spite of
 * that is read from the beginning. Bytes and time are bounded whatever it answers; what came before it broke off stays in the draft.
 * @returns where the content ends, as the mirror has it. Nothing is checked by its hash here.
 * @throws AssayError `store/cancelled` when the signal comes.
 */
export async function fetchIntoDraft(asked: DraftRequest): Promise<Answer<number>> {
  const { mirror, id, maxBytes, draft, tag, limits, signal, onHead, onFresh } = asked;
  const from = draft.size;
  return await attempt(id, maxBytes, limits, signal, async (running) => {
    const response = await request({ method: "GET", url: contentUrl(mirror, id), from, tag }, limits, running);
    if ("kind" in response) return response;
    const place = placeOf(response, from);
    if ("kind" in place) return place;
    const { at, size } = place;
    if (size !== undefined && size > maxBytes) return tooLarge(maxBytes);
    onHead?.(size, strongTag(response));
    if (response.status === 416) return { kind: "brought", value: size! };
    const end = await readBody(response, at, maxBytes, running, async (at, bytes) => {
      const isFresh = await draft.take(mirror, at, bytes);
      if (isFresh) onFresh?.();
      return isFresh === undefined ? failed("sent a part behind one that is missing") : undefined;
    });
    if (end.kind !== "brought" || size === undefined || end.value === size) return end;
    return failed(`broke off after ${end.value} of ${size} bytes`);
  });
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
    const response = await request({ method: "GET", url }, limits, running);
    if ("kind" in response) return response;
    const size = lengthOf(response);
    if (size !== undefined && size > maxBytes) return tooLarge(maxBytes);
    const space = new MemorySpace(maxBytes);
    if (size !== undefined) space.expect(size);
    const end = await readBody(response, 0, maxBytes, running, async (at, bytes) => void space.write(at, bytes));
    return end.kind === "brought" ? { kind: "brought", value: space.bytes(end.value) } : end;
  });
}

/** Asks one mirror whether it has content; it may say so and still not bring it. */
export async function probeContent(
  mirror: string,
  id: ContentId,
  limits: FetchLimits,
  signal?: AbortSignal,
): Promise<Answer<true>> {
  return await probeUrl(id, contentUrl(mirror, id), limits, signal);
}

/** The same for whatever is at an address. */
export async function probeUrl(
  what: string,
  url: URL,
  limits: FetchLimits,
  signal?: AbortSignal,
): Promise<Answer<true>> {
  return await attempt(what, 0, limits, signal, async (running) => {
    const response = await request({ method: "HEAD", url }, limits, running);
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
    // The reader's own disk, for one, is no fault of the mirror.
    if (isAssayError(error)) throw error;
    return failed(running.reasonOf(error));
  } finally {
    running.end();
  }
}

/** Where the first byte of an answer belongs, and how long the content is as far as it says. */
function placeOf(
  response: Response,
  from: number,
): { readonly at: number; readonly size: number | undefined } | Refusal {
  if (response.status === 200) return { at: 0, size: lengthOf(response) };
  const range = response.headers.get("content-range") ?? "";
  const size = /\/(\d{1,15})$/.exec(range)?.[1];
  if (response.status === 416) {
    return size === undefined
      ? failed("has no more of it, and does not say how much")
      : { at: from, size: Number(size) };
  }
  const part = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(range);
  // Browsers do not show the header of a server that does not allow it; the hash tells whether the part fits.
  if (range === "") return { at: from, size: undefined };
  if (part === null || Number(part[1]) !== from) return failed("answered another part than asked for");
  return { at: from, size: size === undefined ? undefined : Number(size) };
}

function lengthOf(response: Response): number | undefined {
  const length = response.headers.get("content-length") ?? "";
  return /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

/** What is called the same has the same bytes; of a weak tag that cannot be said. */
function strongTag(response: Response): string | undefined {
  const tag = response.headers.get("etag") ?? "";
  return /^"[\x21\x23-\x7e]{0,200}"$/.test(tag) ? tag : undefined;
}

function tooLarge(maxBytes: number): Refusal {
  return { kind: "too-large", why: `sends more than ${maxBytes} bytes` };
}

/** @param take is given each piece and its place; what it returns ends the reading. @returns where the last byte ends. */
async function readBody(
  response: Response,
  start: number,
  maxBytes: number,
  running: Attempt,
  take: (at: number, bytes: Uint8Array) => Promise<Refusal | undefined>,
): Promise<Answer<number>> {
  let at = start;
  const reader = response.body?.getReader();
  for (;;) {
    const chunk = await reader?.read();
    if (chunk?.value === undefined) return { kind: "brought", value: at };
    const { length } = chunk.value;
    if (at + length > maxBytes) return tooLarge(maxBytes);
    const refusal = await take(at, chunk.value);
    if (refusal !== undefined) return refusal;
    at += length;
    running.progressed(at - start);
  }
}
