import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { relative } from "node:path";
import { AssayError, isAssayError } from "../../core/errors.ts";
import { type ContentId, parseContentId } from "../contentId.ts";
import { writeFileAtomically } from "./atomicFile.ts";
import type { CheckedContents } from "./checkedContents.ts";
import { contentFile, touch } from "./directoryStore.ts";
import { sendText } from "./storeAnswer.ts";
import type { StoreToken, TokenFile } from "./storeTokens.ts";
import type { Reservation, UploadAccounts } from "./uploadAccounts.ts";
import type { UploadLimits } from "./uploadLimits.ts";

/** Takes a text for a file besides the contents, durably. */
export interface TextUpload {
  /** Bytes of its text at most. */
  readonly maxBytes: number;
  /** @returns why it is refused; undefined if it has been kept. */
  keep(text: string): Promise<string | undefined>;
}

/** What a store that is written to is made of. */
export interface UploadParts {
  readonly folder: string;
  readonly tokens: TokenFile;
  readonly accounts: UploadAccounts;
  readonly contents: CheckedContents;
  readonly limits: UploadLimits;
  /** Where texts can be added: the place at a path (without the first slash). */
  readonly textAt?: ((path: string) => TextUpload | undefined) | undefined;
  readonly onUpload?: ((path: string, token: string, bytes: number) => void) | undefined;
}

/** An answer that ends an upload. */
class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Takes uploads: contents by `PUT`, which are hashed while they come, and texts by `POST`. */
export class Uploads {
  private readonly underWay = new Map<string, number>();

  constructor(private readonly parts: UploadParts) {}

  /** @returns whether the request was an upload; if so it has been answered. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const { method, url = "" } = request;
    const digits = /^\/sha256\/([0-9a-f]{64})$/.exec(url)?.[1];
    const text = this.parts.textAt?.(url.slice(1));
    if (!((method === "PUT" && digits !== undefined) || (method === "POST" && text !== undefined))) return false;
    try {
      await this.take(request, async (token, bytes) => {
        if (digits === undefined) await this.takeText(request, token, bytes, url.slice(1), text!);
        else await this.takeContent(request, token, bytes, parseContentId(`sha256:${digits}`));
      });
      sendText(response, 201, "kept");
    } catch (error) {
      if (request.destroyed && !request.complete) return true;
      const { status, message } = refusalOf(error);
      if (status === 401) response.setHeader("www-authenticate", "Bearer");
      if (status === 503) response.setHeader("retry-after", "2");
      sendText(response, status, message);
      this.readRest(request);
    }
    return true;
  }

  /** A client that is still sending would not see the answer if the connection were closed at once. */
  private readRest(request: IncomingMessage): void {
    if (request.complete) return;
    const end = setTimeout(() => request.destroy(), this.parts.limits.progressMilliseconds);
    request.once("close", () => clearTimeout(end));
    request.resume();
  }

  /** Whose upload it is, how long, and whether there may be one more; then the upload itself. */
  private async take(
    { headers }: IncomingMessage,
    work: (token: StoreToken, bytes: number) => Promise<void>,
  ): Promise<void> {
    const { limits, tokens } = this.parts;
    const token = await tokens.find(headers.authorization);
    if (token === undefined) throw new Refused(401, "this store takes uploads with a token of its own only");
    const length = headers["content-length"];
    if (length === undefined || headers["transfer-encoding"] !== undefined) {
      throw new Refused(411, "say how long the body is (Content-Length)");
    }
    const bytes = Number(length);
    if (!Number.isSafeInteger(bytes) || bytes > limits.maxBytes) {
      throw new Refused(413, `this store takes ${limits.maxBytes} bytes at most`);
    }
    const own = this.underWay.get(token.name) ?? 0;
    const all = [...this.underWay.values()].reduce((sum, each) => sum + each, 0);
    if (all >= limits.uploads || own >= limits.uploadsPerToken) {
      throw new Refused(503, "too many uploads are under way: try again in a moment");
    }
    this.underWay.set(token.name, own + 1);
    try {
      await work(token, bytes);
    } finally {
      this.underWay.set(token.name, this.underWay.get(token.name)! - 1);
    }
  }

  private async takeContent(request: IncomingMessage, token: StoreToken, bytes: number, id: ContentId): Promise<void> {
    const { folder, contents, accounts, limits, onUpload } = this.parts;
    const present = await contents.open(id);
    if (present !== undefined) {
      await present.handle.close();
      await touch(contentFile(folder, id));
      for await (const _ of bodyOf(request, bytes, limits));
      return;
    }
    const file = contentFile(folder, id);
    const path = relative(folder, file);
    await this.withRoom(token, bytes, async (room) => {
      await writeFileAtomically(file, checked(bodyOf(request, bytes, limits), id));
      try {
        if (!accounts.has(path)) await room.keep(path);
      } catch (error) {
        // What would not count is not kept.
        await rm(file, { force: true });
        throw error;
      }
      onUpload?.(path, token.name, bytes);
    });
  }

  private async takeText(
    request: IncomingMessage,
    token: StoreToken,
    bytes: number,
    path: string,
    { maxBytes, keep }: TextUpload,
  ): Promise<void> {
    const { limits, onUpload } = this.parts;
    if (bytes > maxBytes) throw new Refused(413, `no more than ${maxBytes} bytes are taken here`);
    await this.withRoom(token, bytes, async (room) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of bodyOf(request, bytes, limits)) chunks.push(chunk);
      const why = await keep(Buffer.concat(chunks).toString("utf8"));
      if (why !== undefined) throw new Refused(422, why);
      await room.keep(path);
      onUpload?.(path, token.name, bytes);
    });
  }

  private async withRoom(
    { name, quotaBytes }: StoreToken,
    bytes: number,
    work: (room: Reservation) => Promise<void>,
  ): Promise<void> {
    const { accounts, limits } = this.parts;
    const room = await accounts.reserve(name, bytes, quotaBytes, limits.totalBytes);
    if (room === "token") throw new Refused(507, `the quota of this token, ${quotaBytes} bytes, has no room for it`);
    if (room === "total") throw new Refused(507, "this store takes no more for now");
    try {
      await work(room);
    } finally {
      room.release();
    }
  }
}

/** The body as it comes. Whoever sends too slowly is cut off. */
async function* bodyOf(
  request: IncomingMessage,
  bytes: number,
  { progressMilliseconds, progressBytes }: UploadLimits,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  let before = 0;
  const watch = setInterval(() => {
    if (size < bytes && size - before < progressBytes) request.destroy();
    before = size;
  }, progressMilliseconds);
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
  } finally {
    clearInterval(watch);
  }
  if (size !== bytes) throw new Refused(400, "the body ended early");
}

async function* checked(body: AsyncIterable<Uint8Array>, id: ContentId): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const chunk of body) {
    hash.update(chunk);
    yield chunk;
  }
  const given = parseContentId(`sha256:${hash.digest("hex")}`);
  if (given === id) return;
  throw new AssayError("store/corrupt", `the body is ${given}, not ${id}`, { id, given, place: "the body" });
}

function refusalOf(error: unknown): { readonly status: number; readonly message: string } {
  const cause = isAssayError(error, "store/io-fault") ? error.cause : error;
  if (cause instanceof Refused) return cause;
  if (isAssayError(error, "store/corrupt")) return { status: 422, message: error.message };
  if (isAssayError(error, "store/full-fault")) return { status: 507, message: "this store's disk is full" };
  return { status: 500, message: "this cannot be kept for now" };
}
