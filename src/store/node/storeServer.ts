import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { AssayError } from "../../core/errors.ts";
import { limitAddress } from "../../core/node/addressLimit.ts";
import { CheckedContents } from "./checkedContents.ts";
import { answer, sendText } from "./storeAnswer.ts";
import { defaultStoreServerLimits, type StoreServerLimits } from "./storeServerLimits.ts";
import { readTokens, TokenFile } from "./storeTokens.ts";
import { UploadAccounts } from "./uploadAccounts.ts";
import { type UploadParts, Uploads } from "./uploadAnswer.ts";
import { defaultUploadLimits, type UploadLimits } from "./uploadLimits.ts";

export interface StoreServerOptions {
  /** Of a directory store; nothing in it is changed but by uploads. */
  readonly folder: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly limits?: Partial<StoreServerLimits>;
  /** Files besides the contents: the one at a path (without the first slash), undefined where there is none. */
  readonly fileAt?: (path: string) => string | undefined;
  /** A file that is not what its name says is not served. */
  readonly onCorrupt?: (file: string) => void;
  /** A reader was dropped since it took too little. */
  readonly onSlowReader?: () => void;
  /** Who may write to it; nobody where this is missing. */
  readonly accept?: AcceptOptions | undefined;
}

/** How uploads are taken: one process at a time for each folder. */
export interface AcceptOptions extends Pick<UploadParts, "textAt" | "onUpload"> {
  /** Who may write (`addToken`); read again whenever it changes. */
  readonly tokensFile: string;
  readonly limits?: Partial<UploadLimits>;
}

export interface StoreServer {
  readonly url: string;
  /** Ends it, with all connections. */
  close(): Promise<void>;
}

/**
 * Serves the contents of a directory store by HTTP: `GET` and `HEAD` of `/sha256/<64 digits>`, and `/healthz`; where `accept` says so,
 * `PUT` too. README.md beside this folder describes the answers.
 * @throws AssayError `store/port-fault`, `store/bad-tokens`
 */
export async function serveStore(options: StoreServerOptions): Promise<StoreServer> {
  const { folder, host, port, onCorrupt = () => {} } = options;
  const limits = { ...defaultStoreServerLimits, ...options.limits };
  const contents = new CheckedContents(folder, limits.maxBytes, onCorrupt);
  const uploads = options.accept && (await openUploads(folder, contents, options.accept));
  const server = createServer(
    {
      headersTimeout: limits.requestMilliseconds,
      // An upload takes as long as it takes; who sends too slowly is cut off while it is read.
      requestTimeout: uploads === undefined ? limits.requestMilliseconds : 0,
      keepAliveTimeout: limits.idleMilliseconds,
      connectionsCheckingInterval: Math.min(limits.requestMilliseconds, 1000),
      maxHeaderSize: 8192,
    },
    (request, response) => {
      response.on("error", () => {});
      answer(request, response, contents, limits, { ...options, uploads }).catch(() => {
        if (response.headersSent) response.destroy();
        else sendText(response, 500, "this content cannot be read for now");
      });
    },
  );
  server.maxConnections = limits.connections;
  const connections = new Map<string, number>();
  server.on("connection", (socket) => limitAddress(socket, connections, limits.connectionsPerAddress));
  await listen(server, host, port);
  const at = server.address() as AddressInfo;
  return {
    url: `http://${at.family === "IPv6" ? `[${at.address}]` : at.address}:${at.port}/`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function openUploads(
  folder: string,
  contents: CheckedContents,
  { tokensFile, limits, textAt, onUpload }: AcceptOptions,
): Promise<Uploads> {
  await readTokens(tokensFile);
  return new Uploads({
    folder,
    contents,
    tokens: new TokenFile(tokensFile),
    accounts: await UploadAccounts.open(folder),
    limits: { ...defaultUploadLimits, ...limits },
    textAt,
    onUpload,
  });
}

async function listen(server: ReturnType<typeof createServer>, host: string, port: number): Promise<void> {
  try {
    const listening = once(server, "listening");
    server.listen(port, host);
    await listening;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = listenFaults[code ?? ""] ?? message;
    throw new AssayError(
      "store/port-fault",
      `cannot listen on ${host}, port ${port}: ${why}`,
      { host, port, code },
      { cause },
    );
  }
}

const listenFaults: Readonly<Record<string, string>> = {
  EADDRINUSE: "another process uses it; name another one with --port (0 takes a free one)",
  EACCES: "this user may not; name a port from 1024 on",
  EADDRNOTAVAIL: "this machine does not have the address; name another one with --host",
  ENOTFOUND: "there is no such host; name an address of this machine with --host",
};
