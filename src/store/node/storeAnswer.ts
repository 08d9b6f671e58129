import { open } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { parseContentId } from "../contentId.ts";
import { byteRangeOf } from "./byteRange.ts";
import type { CheckedContents } from "./checkedContents.ts";
import type { StoreServerOptions } from "./storeServer.ts";
import type { StoreServerLimits } from "./storeServerLimits.ts";
import type { Uploads } from "./uploadAnswer.ts";

const headersOfAll = {
  "x-content-type-options": "nosniff",
  // Contents are public and named by their hash: pages of any origin may read them.
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "content-range",
};

/** Answers one request; throws when the content cannot be read, or the reader has gone. */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  contents: CheckedContents,
  limits: StoreServerLimits,
  {
    fileAt,
    onSlowReader,
    uploads,
    url = request.url ?? "",
  }: Pick<StoreServerOptions, "fileAt" | "onSlowReader"> & {
    readonly uploads?: Uploads | undefined;
    /** The path in the store, where that is not the request's. */
    readonly url?: string;
  },
): Promise<void> {
  const { method, headers } = request;
  if (uploads !== undefined && (await uploads.answer(request, response))) return;
  if (headers["transfer-encoding"] !== undefined || !/^0*$/.test(headers["content-length"] ?? "")) {
    response.shouldKeepAlive = false;
    return sendText(response, 400, "a request to read has no body");
  }
  if (method !== "GET" && method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    return sendText(response, 405, uploads === undefined ? "this store is read-only" : "nothing is taken here");
  }
  if (url === "/healthz") return sendText(response, 200, "ok");
  const growing = fileAt?.(url.slice(1));
  if (growing !== undefined) return await answerFile(growing, method, response, limits, onSlowReader);
  const digits = /^\/sha256\/([0-9a-f]{64})$/.exec(url)?.[1];
  if (digits === undefined)
    return sendText(response, 404, "contents are at /sha256/<64 lower-case hexadecimal digits>");
  const content = await contents.open(parseContentId(`sha256:${digits}`));
  if (content === undefined) return sendText(response, 404, "this store does not have it");
  const { handle, size } = content;
  try {
    const etag = `"${digits}"`;
    const lasting = { ...headersOfAll, etag, "cache-control": "public, max-age=31536000, immutable" };
    if (headers["if-none-match"] === etag) {
      response.writeHead(304, lasting).end();
      return;
    }
    const condition = headers["if-range"];
    const isAsked = method === "GET" && (condition === undefined || condition === etag);
    const range = byteRangeOf(isAsked ? headers.range : undefined, size);
    const headersOfAnswer = { ...lasting, "accept-ranges": "bytes", "content-type": "application/octet-stream" };
    if (range.kind === "none") {
      response.writeHead(416, { ...headersOfAll, "content-range": `bytes */${size}`, "content-length": 0 }).end();
      return;
    }
    const { start, end } = range.kind === "part" ? range : { start: 0, end: size - 1 };
    response.strictContentLength = method === "GET";
    response.writeHead(range.kind === "part" ? 206 : 200, {
      ...headersOfAnswer,
      "content-length": end - start + 1,
      ...(range.kind === "part" && { "content-range": `bytes ${start}-${end}/${size}` }),
    });
    if (method === "HEAD" || size === 0) response.end();
    else {
      const bytes = handle.createReadStream({ start, end, autoClose: false, highWaterMark: 2 ** 18 });
      await send(bytes, response, limits, onSlowReader);
    }
  } finally {
    await handle.close();
  }
}

/** A file whose name does not say what is in it: read anew each time, as long as it was when it was opened. */
async function answerFile(
  file: string,
  method: string,
  response: ServerResponse,
  limits: StoreServerLimits,
  onSlowReader?: () => void,
): Promise<void> {
  const handle = await open(file, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (handle === undefined) return sendText(response, 404, "this store does not have it");
  try {
    const { size } = await handle.stat();
    if (size > limits.maxBytes) return sendText(response, 404, "it is too large to be given out");
    response.strictContentLength = method === "GET";
    response.writeHead(200, {
      ...headersOfAll,
      "cache-control": "no-cache",
      "content-type": "application/jsonl",
      "content-length": size,
    });
    if (method === "HEAD" || size === 0) response.end();
    else
      await send(
        handle.createReadStream({ start: 0, end: size - 1, autoClose: false }),
        response,
        limits,
        onSlowReader,
      );
  } finally {
    await handle.close();
  }
}

/** A short text. Nothing of it is kept by anybody, since what is not there may come. */
export function sendText(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, { ...headersOfAll, "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" })
    .end(`${text}\n`);
}

async function send(
  file: AsyncIterable<Buffer>,
  response: ServerResponse,
  { progressMilliseconds, progressBytes }: StoreServerLimits,
  onSlowReader = () => {},
): Promise<void> {
  let taken = 0;
  let before = 0;
  const watch = setInterval(() => {
    if (taken - before < progressBytes) {
      response.destroy();
      onSlowReader();
    }
    before = taken;
  }, progressMilliseconds);
  try {
    await pipeline(
      file,
      async function* (chunks) {
        for await (const chunk of chunks) {
          taken += chunk.length;
          yield chunk;
        }
      },
      response,
    );
  } finally {
    clearInterval(watch);
  }
}
