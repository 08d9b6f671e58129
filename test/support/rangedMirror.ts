import type { IncomingMessage, RequestListener } from "node:http";

/** How a mirror of one content answers, as a test wants it. */
export interface RangedAnswer {
  readonly content: Uint8Array;
  /** Its tag; none by default. */
  readonly tag?: string;
  /** Sends only so many bytes of what is asked for, then nothing more; the connection stays open. */
  readonly stallsAfter?: number;
  /** Answers every request with all of the content. */
  readonly ignoresRanges?: boolean;
  /** Does not say how long the content is. */
  readonly isSilent?: boolean;
}

/** Answers as a server of static files does. @param how is asked for each request: the first has number 0. */
export function rangedMirror(how: (number: number, request: IncomingMessage) => RangedAnswer): RequestListener {
  let count = 0;
  return (request, response) => {
    const { content, tag, stallsAfter, ignoresRanges = false, isSilent = false } = how(count++, request);
    const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
    const from = asked === null || ignoresRanges ? 0 : Number(asked[1]);
    const headers = tag === undefined ? {} : { etag: tag };
    if (from > 0 && from >= content.length) {
      response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
      return;
    }
    const body = content.subarray(from, stallsAfter === undefined ? undefined : from + stallsAfter);
    response.writeHead(from > 0 ? 206 : 200, {
      ...headers,
      ...(!isSilent && { "content-length": content.length - from }),
      ...(from > 0 && { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` }),
    });
    if (stallsAfter === undefined) response.end(body);
    else if (body.length > 0) response.write(body);
    else response.flushHeaders();
  };
}
