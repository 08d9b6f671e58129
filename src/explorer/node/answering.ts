import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const compress = {
  br: async (body: Buffer) =>
    await promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  gzip: promisify(gzip),
} as const;

/** What is shorter is not worth compressing. */
const leastCompressedBytes = 1024;

/** Headers of what pages of any origin may read. */
export const openHeaders = { "access-control-allow-origin": "*", "access-control-expose-headers": "etag" } as const;

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the body is worth compressing. */
  readonly isText?: boolean;
}

/** Sends an answer with its ETag, or that nothing has changed since the one that the asker has; compressed where that is understood. */
export async function send(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  const { status, type, body, headers = {}, isText = true } = answer;
  const tag = `W/"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  const common = { "x-content-type-options": "nosniff", ...headers, ...(isText && { vary: "accept-encoding" }) };
  if (status === 200 && hasTag(request, tag)) {
    response.writeHead(304, { ...common, etag: tag }).end();
    return;
  }
  const coding = isText && body.length >= leastCompressedBytes ? codingFor(request) : undefined;
  const sent = coding === undefined ? body : await compress[coding](body);
  response.writeHead(status, {
    ...common,
    ...(status === 200 && { etag: tag }),
    ...(coding !== undefined && { "content-encoding": coding }),
    "content-type": type,
    "content-length": sent.length,
  });
  response.end(request.method === "HEAD" ? undefined : sent);
}

/** JSON that is asked for again each time; a server that is asked by a tag says that nothing has changed. */
export async function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  value: unknown,
  status = 200,
): Promise<void> {
  const body = Buffer.from(`${JSON.stringify(value)}\n`);
  const headers = { ...openHeaders, "cache-control": status === 200 ? "no-cache" : "no-store" };
  await send(request, response, { status, type: "application/json", body, headers });
}

/** An error, in JSON. */
export async function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
): Promise<void> {
  await sendJson(request, response, { error: { code, message } }, status);
}

function hasTag({ headers }: IncomingMessage, tag: string): boolean {
  const given = headers["if-none-match"] ?? "";
  const strong = tag.slice(2);
  return given.split(",").some((one) => one.trim().replace(/^W\//, "") === strong);
}

function codingFor({ headers }: IncomingMessage): "br" | "gzip" | undefined {
  const accepted = new Set(
    String(headers["accept-encoding"] ?? "")
      .split(",")
      .map((one) => one.trim().toLowerCase())
      .filter((one) => !/;\s*q=0(\.0*)?$/.test(one))
      .map((one) => one.split(";", 1)[0]!.trim()),
  );
  if (accepted.has("br")) return "br";
  return accepted.has("gzip") ? "gzip" : undefined;
}
