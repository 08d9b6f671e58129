import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, statSync, utimesSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPage } from "../../scripts/buildPage.ts";
import { pageHeaders } from "../../src/explorer/pageHeaders.ts";
import type { ExplorerSettings } from "../../src/explorer/settings.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const builds = join(root, "build", "explorerTests");

/**
 * The folder of the page, built from the sources as they are: once for all that ask, whichever process they are in.
 * @param page folder of another page's sources, below `test`.
 */
export async function builtPage(page?: string): Promise<string> {
  const folder = join(builds, sourceKey(page));
  if (!existsSync(folder)) {
    await mkdir(builds, { recursive: true });
    const own = join(builds, `.${process.pid}`);
    await buildPage(own, page);
    // Somebody else may have been faster.
    await rename(own, folder).catch(async () => await rm(own, { recursive: true, force: true }));
    await removeOld(folder);
  }
  utimesSync(folder, new Date(), new Date());
  return folder;
}

function sourceKey(page = ""): string {
  const hash = createHash("sha256");
  const files = ["src/**/*.{ts,tsx,css,html,json}", "scripts/buildPage.ts", "package-lock.json"];
  if (page !== "") files.push(`${relative(root, page)}/**`);
  hash.update(page);
  for (const file of globSync(files, { cwd: root }).sort()) {
    if (statSync(join(root, file)).isFile()) hash.update(file).update(readFileSync(join(root, file)));
  }
  return hash.digest("hex").slice(0, 16);
}

/** Pages of older sources that nobody has asked for within an hour. */
async function removeOld(current: string): Promise<void> {
  for (const name of await readdir(builds)) {
    const folder = join(builds, name);
    const age = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (folder !== current && age > 3_600_000) await rm(folder, { recursive: true, force: true });
  }
}

/** Answers a request that is for none of the page's files; false leaves it. */
export type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => boolean | Promise<boolean>;

export interface PageServerOptions {
  /** Asked for each request of `explorer.json`: a test can change what the page is told. */
  readonly settings: () => ExplorerSettings;
  /** Of other paths: an index, contents, WebAssembly. */
  readonly handle?: Handler;
  /** Folder of another page's sources than the explorer's. */
  readonly page?: string;
  /** Folder below the origin: the page must not expect to be at its root. */
  readonly path?: string;
  readonly port?: number;
}

export interface PageServer {
  /** With a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
};

/** A static host of the page, with the headers that any host should send. */
export async function servePage({
  settings,
  handle,
  page,
  path = "/explorer/",
  port = 0,
}: PageServerOptions): Promise<PageServer> {
  const folder = await builtPage(page);
  const files = new Set(await readdir(folder, { recursive: true }));
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const send = (status: number, type: string, body: Uint8Array | string) => {
      response.writeHead(status, { ...pageHeaders(settings()), "content-type": type }).end(body);
    };
    const name = url.pathname.startsWith(path) ? url.pathname.slice(path.length) || "index.html" : undefined;
    if (name === "explorer.json") return send(200, types[".json"]!, JSON.stringify(settings()));
    if (name !== undefined && files.has(name) && types[extname(name)] !== undefined)
      return send(200, types[extname(name)]!, await readFile(join(folder, name)));
    if ((await handle?.(request, response, url)) !== true) send(404, "text/plain", "nothing is here\n");
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
