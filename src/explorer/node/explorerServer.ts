import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { AssayError } from "../../core/errors.ts";
import { limitAddress } from "../../core/node/addressLimit.ts";
import { packageFiles } from "../../core/node/packageFiles.ts";
import { pageHeaders } from "../pageHeaders.ts";
import type { ExplorerSettings } from "../settings.ts";
import { openHeaders, send, sendError, sendJson } from "./answering.ts";
import { ExplorerApi } from "./api/explorerApi.ts";
import { ServedContents } from "./contents.ts";
import type { ExplorerLog } from "./explorerLog.ts";
import type { IndexService } from "./indexService.ts";
import { filesIn, type ServedFile } from "./pageFiles.ts";
import "../errors.ts";

export interface ExplorerServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Told to the page. */
  readonly settings: ExplorerSettings;
  /** Undefined: the page reads from the chain alone. */
  readonly index?: IndexService | undefined;
  /** Publications and boards that are still to be read. */
  readonly waiting?: () => number;
  /** Folders of directory stores whose contents are given out. */
  readonly folders?: readonly string[];
  /** Where the page is, by default the package's own. */
  readonly page?: URL;
  readonly log: ExplorerLog;
  readonly limits?: Partial<ExplorerLimits>;
}

/** What strangers may take of the server. */
export interface ExplorerLimits {
  /** Connections at once; further ones are closed. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
}

export const defaultExplorerLimits: ExplorerLimits = { connections: 512, connectionsPerAddress: 64 };

export interface ExplorerServer {
  /** With a slash at its end. */
  readonly url: string;
  /** Ends it, with all connections. */
  close(): Promise<void>;
}

const requestMilliseconds = 10_000;
/** A connection on which nothing is read or written for so long is closed; streams of events beat more often. */
const idleMilliseconds = 30_000;
const longestUrl = 2048;

/**
 * Serves the page, its settings, the index under `api/v1`, the package's WebAssembly under `wasm`, environments under `environments`, and
 * contents by their hashes under `contents`. Nothing can be changed through it.
 * @throws AssayError `explorer/port-fault`
 */
export async function serveExplorer(options: ExplorerServerOptions): Promise<ExplorerServer> {
  const { host, port, log } = options;
  const limits = { ...defaultExplorerLimits, ...options.limits };
  const site = new Site(options);
  const server = createServer(
    {
      headersTimeout: requestMilliseconds,
      requestTimeout: requestMilliseconds,
      keepAliveTimeout: 5000,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: 8192,
    },
    (request, response) => {
      response.on("error", () => {});
      site.answer(request, response).catch((error: unknown) => {
        log.warn({ path: request.url, why: error instanceof Error ? error.message : String(error) }, "no answer");
        if (response.headersSent) response.destroy();
        else
          void sendError(request, response, 500, "explorer/failed", "this cannot be answered for now").catch(() => {});
      });
    },
  );
  server.setTimeout(idleMilliseconds);
  server.maxConnections = limits.connections;
  const connections = new Map<string, number>();
  server.on("connection", (socket) => limitAddress(socket, connections, limits.connectionsPerAddress));
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, resolve);
    });
  } catch (cause) {
    site.close();
    const { code, message } = cause as NodeJS.ErrnoException;
    const why =
      code === "EADDRINUSE" ? "another process uses it; name another one with --port (0 takes a free one)" : message;
    throw new AssayError(
      "explorer/port-fault",
      `cannot listen on ${host}, port ${port}: ${why}`,
      { host, port, code },
      { cause },
    );
  }
  const at = server.address() as AddressInfo;
  return {
    url: `http://${at.family === "IPv6" ? `[${at.address}]` : at.address}:${at.port}/`,
    async close() {
      site.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What is where. */
class Site {
  private readonly api: ExplorerApi | undefined;
  private readonly files: ReadonlyMap<string, ServedFile>;
  private readonly contents: ServedContents;
  private readonly headersOfPage: Readonly<Record<string, string>>;

  constructor(private readonly options: ExplorerServerOptions) {
    const { index, waiting = () => 0, folders = [], page = packageFiles.page, log, settings } = options;
    this.api = index && new ExplorerApi(index, waiting);
    this.contents = new ServedContents(folders, (file) =>
      log.warn({ file }, "a file in the store is not what its name says and is not served"),
    );
    this.headersOfPage = pageHeaders(settings);
    this.files = new Map([
      ...filesIn(packageFiles.wasm, "wasm/", [".wasm"]),
      ...filesIn(packageFiles.environments, "environments/", [".json"]),
      ...filesIn(packageFiles.locks, "environments/", [".json"]),
      ...filesIn(page, ""),
    ]);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "" } = request;
    if (url.length > longestUrl)
      return await sendError(request, response, 414, "explorer/too-long", "the address is too long");
    if (method === "OPTIONS") return allow(response);
    if (method !== "GET" && method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD, OPTIONS");
      return await sendError(request, response, 405, "explorer/read-only", "nothing can be changed here: GET and HEAD");
    }
    const [path = "", query = ""] = url.slice(1).split(/\?(.*)/s);
    if (path === "healthz") return await this.answerHealth(request, response);
    if (/^api\//.test(path)) {
      if (this.api !== undefined) return await this.api.answer(request, response, path, query);
      return await sendError(
        request,
        response,
        404,
        "explorer/no-index",
        "this host has no index: read from the chain",
      );
    }
    if (path === "explorer.json") {
      const body = Buffer.from(`${JSON.stringify(this.options.settings, undefined, 2)}\n`);
      const headers = { ...openHeaders, "cache-control": "no-cache" };
      return await send(request, response, { status: 200, type: "application/json", body, headers });
    }
    if (/^contents\//.test(path)) return await this.contents.answer(request, response, path.slice("contents".length));
    const file = this.files.get(path === "" ? "index.html" : path);
    if (file !== undefined) return await this.answerFile(request, response, file);
    const why = path === "" ? "the page is not built: `npm run build:page` makes it" : "nothing is here";
    await sendError(request, response, 404, "explorer/nothing-here", why);
  }

  close(): void {
    this.api?.close();
  }

  private async answerHealth(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const status = this.api?.status() ?? { healthy: true };
    await sendJson(request, response, status, status.healthy ? 200 : 503);
  }

  private async answerFile(request: IncomingMessage, response: ServerResponse, file: ServedFile): Promise<void> {
    const { body, type, isText, isLasting } = file;
    const caching = isLasting ? "public, max-age=31536000, immutable" : "no-cache";
    const headers = { ...this.headersOfPage, "cache-control": caching };
    await send(request, response, { status: 200, type, body, isText, headers });
  }
}

/** Pages of any origin may read with the headers that browsers send of their own. */
function allow(response: ServerResponse): void {
  response
    .writeHead(204, {
      ...openHeaders,
      "access-control-allow-methods": "GET, HEAD",
      "access-control-allow-headers": "if-none-match, range",
      "access-control-max-age": "86400",
    })
    .end();
}
