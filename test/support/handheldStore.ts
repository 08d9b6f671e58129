import type { IncomingMessage, ServerResponse } from "node:http";
import { parseContentId } from "../../src/store/contentId.ts";
import { byteRangeOf } from "../../src/store/node/byteRange.ts";
import { directoryStore } from "../../src/store/node/directoryStore.ts";
import { startMirror, type TestMirror } from "./mirrors.ts";

/** What a store has for a request, before a test spoils it. */
export interface StoreAnswer {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The whole content; undefined if there is none. */
  readonly bytes: Uint8Array | undefined;
  /** Answers as a store should. */
  readonly well: () => void;
}

/** A store in a test's hands, over real contents: how it answers can be changed at any time. */
export interface HandheldStore extends TestMirror {
  answer: (asked: StoreAnswer) => void;
}

/** The headers that let pages of any origin read an answer. */
export const forPages = { "access-control-allow-origin": "*", "access-control-expose-headers": "content-range" };

export async function startHandheldStore(folder: string): Promise<HandheldStore> {
  const contents = directoryStore(folder);
  const store = { answer: ({ well }: StoreAnswer) => well() };
  const mirror = await startMirror((request, response) => {
    void (async () => {
      const digits = /\/sha256\/([0-9a-f]{64})$/.exec(request.url!)?.[1];
      const bytes = digits && (await contents.get(parseContentId(`sha256:${digits}`), 2 ** 26).catch(() => undefined));
      store.answer({ request, response, bytes: bytes || undefined, well: () => well(request, response, bytes) });
    })();
  });
  return Object.assign(store, mirror);
}

function well(request: IncomingMessage, response: ServerResponse, bytes: Uint8Array | "" | undefined): void {
  if (!bytes) {
    response.writeHead(404, forPages).end();
    return;
  }
  const range = byteRangeOf(request.headers.range, bytes.length);
  if (range.kind === "none") response.writeHead(416, { ...forPages, "content-range": `bytes */${bytes.length}` }).end();
  else if (range.kind === "all") response.writeHead(200, { ...forPages, "content-length": bytes.length }).end(bytes);
  else {
    const { start, end } = range;
    const part = { "content-range": `bytes ${start}-${end}/${bytes.length}`, "content-length": end - start + 1 };
    response.writeHead(206, { ...forPages, ...part }).end(bytes.subarray(start, end + 1));
  }
}
