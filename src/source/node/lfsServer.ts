import { createHash, randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { AssayError } from "../../core/errors.ts";
import { makeFolder } from "../../core/node/makeFolder.ts";
import { printableLines } from "../../core/printable.ts";
import type { LfsPointer } from "../lfsPointer.ts";
import { withoutCredentials } from "../location.ts";
import type { SourceLookup } from "./sourceReader.ts";

/** Objects asked for in one request, and bytes of its answer. */
const batchSize = 100;
const mostAnswerBytes = 2 ** 22;
const mediaType = "application/vnd.git-lfs+json";

const actionSchema = z.object({
  href: z.string().max(8192),
  header: z.record(z.string(), z.string().max(16_384)).optional(),
});
const answerSchema = z.object({
  transfer: z.string().optional(),
  objects: z
    .array(
      z.object({
        oid: z.string(),
        actions: z.object({ download: actionSchema.optional() }).optional(),
        error: z.object({ code: z.number().optional(), message: z.string().optional() }).optional(),
      }),
    )
    .max(batchSize),
});
type Download = z.infer<typeof actionSchema>;

/**
 * Brings objects from an LFS server (its batch API, over HTTP) into a folder, each under its sha256, which it is checked against.
 * @throws AssayError `source/lfs-object` for what the server does not have or gives wrong, `source/lfs-fault` where it cannot be asked
 */
export async function fetchLfsObjects(
  endpoint: URL,
  pointers: readonly LfsPointer[],
  folder: string,
  lookup: SourceLookup,
): Promise<void> {
  makeFolder(folder);
  for (let at = 0; at < pointers.length; at += batchSize) {
    const batch = pointers.slice(at, at + batchSize);
    const downloads = await askFor(endpoint, batch, lookup);
    for (const pointer of batch) await download(downloads.get(pointer.sha256)!, pointer, folder, lookup);
  }
}

/** Where the objects are to be had, by their sha256: all of them. */
async function askFor(
  endpoint: URL,
  batch: readonly LfsPointer[],
  lookup: SourceLookup,
): Promise<ReadonlyMap<string, Download>> {
  const body = JSON.stringify({
    operation: "download",
    transfers: ["basic"],
    objects: batch.map(({ sha256, size }) => ({ oid: sha256, size })),
    hash_algo: "sha256",
  });
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/objects/batch`;
  const headers = { accept: mediaType, "content-type": mediaType, ...takeCredentials(url) };
  const response = await request(url, { method: "POST", headers, body }, lookup);
  const parsed = answerSchema.safeParse(await jsonOf(response, url));
  if (!parsed.success || (parsed.data.transfer ?? "basic") !== "basic")
    throw fault(url, "it gives an answer that is not understood");
  const downloads = new Map<string, Download>();
  for (const { oid, actions, error } of parsed.data.objects) {
    if (error !== undefined) throw lacking(url, oid, printableLines((error.message ?? "").slice(0, 200)));
    if (actions?.download !== undefined) downloads.set(oid, actions.download);
  }
  for (const { sha256 } of batch) if (!downloads.has(sha256)) throw lacking(url, sha256, "it does not offer it");
  return downloads;
}

async function download(
  { href, header = {} }: Download,
  { sha256, size }: LfsPointer,
  folder: string,
  lookup: SourceLookup,
): Promise<void> {
  const url = URL.canParse(href) ? new URL(href) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw lacking(url, sha256, "it names no http address for it");
  const response = await request(url, { headers: { ...header, ...takeCredentials(url) } }, lookup);
  const part = join(folder, `fetching-${randomBytes(8).toString("hex")}`);
  const hash = createHash("sha256");
  let left = size;
  const check = async function* (parts: AsyncIterable<Uint8Array>) {
    for await (const bytes of parts) {
      left -= bytes.length;
      if (left < 0) throw lacking(url, sha256, `it gives more than ${size} bytes`);
      hash.update(bytes);
      yield bytes;
    }
  };
  try {
    const body = (response.body ?? []) as AsyncIterable<Uint8Array>;
    await pipeline(body, check, createWriteStream(part)).catch((cause: unknown) => {
      throw cause instanceof AssayError ? cause : fault(url, "the transfer broke off", cause);
    });
    if (left !== 0 || hash.digest("hex") !== sha256) throw lacking(url, sha256, "it gives something else");
    await rename(part, join(folder, sha256));
  } finally {
    await rm(part, { force: true });
  }
}

async function request(url: URL, what: RequestInit, { timeoutSeconds, signal }: SourceLookup): Promise<Response> {
  const limit = AbortSignal.timeout(timeoutSeconds * 1000);
  let response: Response;
  try {
    response = await fetch(url, { ...what, signal: signal === undefined ? limit : AbortSignal.any([signal, limit]) });
  } catch (cause) {
    signal?.throwIfAborted();
    throw fault(url, "it does not answer", cause);
  }
  if (response.ok) return response;
  await response.body?.cancel();
  throw fault(url, `it answers with status ${response.status}`);
}

async function jsonOf(response: Response, url: URL): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of response.body ?? []) {
      size += (part as Uint8Array).length;
      if (size > mostAnswerBytes) throw fault(url, `its answer is longer than ${mostAnswerBytes} bytes`);
      parts.push(part as Uint8Array);
    }
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch (cause) {
    throw cause instanceof AssayError ? cause : fault(url, "it gives an answer that is not understood", cause);
  }
}

/** Takes user and password out of a URL, as a header. */
function takeCredentials(url: URL): Record<string, string> {
  const { username, password } = url;
  if (username === "" && password === "") return {};
  url.username = "";
  url.password = "";
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

function lacking(url: URL | undefined, sha256: string, fact: string) {
  const server = url === undefined ? "the server" : withoutCredentials(url.href);
  return new AssayError("source/lfs-object", `the Git LFS object ${sha256} is not to be had from ${server}: ${fact}`, {
    sha256,
  });
}

function fault(url: URL, fact: string, cause?: unknown) {
  const server = withoutCredentials(url.href);
  const message = `cannot fetch Git LFS objects from ${server}: ${fact}`;
  return new AssayError("source/lfs-fault", message, { url: server }, { cause });
}
