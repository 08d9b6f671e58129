import { readFile } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

/** A server of this machine that a test closes. */
export interface PlainHost {
  readonly url: string;
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
};

/** A host of the files of a folder that knows nothing of what they are. @param path where they are, with slashes around it. */
export async function startStaticHost(folder: string, path = "/"): Promise<PlainHost> {
  return await listening(
    createServer((asked, response) => {
      const { pathname } = new URL(asked.url!, "http://host");
      const name = normalize(pathname.slice(path.length)) || ".";
      const file = join(folder, name === "." ? "index.html" : name);
      readFile(pathname.startsWith(path) ? file : "").then(
        (bytes) => response.writeHead(200, { "content-type": types[extname(file)] ?? "" }).end(bytes),
        () => response.writeHead(404).end(),
      );
    }),
  );
}

/** A reverse proxy that does what nginx does by itself. @param path with slashes around it; what is behind it leads to the target. */
export async function startReverseProxy(path: string, target: string): Promise<PlainHost> {
  return await listening(
    createServer((asked, response) => {
      if (!asked.url!.startsWith(path)) return void response.writeHead(404).end();
      const to = new URL(asked.url!.slice(path.length), target);
      const headers = { ...asked.headers, host: to.host, connection: "close" };
      const forwarded = request(to, { method: asked.method, headers, agent: false }, (answer) => {
        const { connection: _, "keep-alive": __, ...rest } = answer.headers;
        response.writeHead(answer.statusCode!, rest);
        answer.pipe(response);
      });
      forwarded.on("error", () => response.destroy());
      response.on("close", () => forwarded.destroy());
      asked.pipe(forwarded);
    }),
  );
}

async function listening(server: Server): Promise<PlainHost> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
