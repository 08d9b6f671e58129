import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A small server of Git LFS: the batch API, and the objects. */
export interface LfsServer {
  /** `http://127.0.0.1:<port>`. */
  readonly address: string;
  /** Objects by their sha256. */
  readonly objects: Map<string, Uint8Array>;
  /** What objects are answered with in place of themselves. */
  readonly lies: Map<string, Uint8Array>;
  /** Methods and paths of the requests so far. */
  readonly requests: string[];
  /** The download address that it gives, of an object's sha256. */
  addressOf: (sha256: string) => string;
  close(): Promise<void>;
}

/** The pointer that stands for a content, and the content's sha256. */
export function lfsPointerOf(content: Uint8Array): { pointer: string; sha256: string } {
  const sha256 = createHash("sha256").update(content).digest("hex");
  return {
    sha256,
    pointer: `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${content.length}\n`,
  };
}

/** Starts a server on this machine; downloads need the header that the batch API gives for them. */
export async function startLfsServer(): Promise<LfsServer> {
  const server: Server = createServer((request, response) => {
    lfs.requests.push(`${request.method} ${request.url}`);
    if (request.method === "POST" && request.url!.endsWith(".git/info/lfs/objects/batch")) {
      const parts: Buffer[] = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => {
        const asked: { oid: string; size: number }[] = JSON.parse(Buffer.concat(parts).toString()).objects;
        const objects = asked.map(({ oid, size }) =>
          lfs.objects.has(oid)
            ? { oid, size, actions: { download: { href: lfs.addressOf(oid), header: { "x-key": "open" } } } }
            : { oid, size, error: { code: 404, message: "not\u001b[31m here" } },
        );
        response.setHeader("content-type", "application/vnd.git-lfs+json");
        response.end(JSON.stringify({ transfer: "basic", objects }));
      });
      return;
    }
    const sha256 = request.url!.slice("/objects/".length);
    const content = lfs.lies.get(sha256) ?? lfs.objects.get(sha256);
    response.statusCode = content === undefined ? 404 : request.headers["x-key"] === "open" ? 200 : 403;
    response.end(response.statusCode === 200 ? content : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const lfs: LfsServer = {
    address,
    objects: new Map(),
    lies: new Map(),
    requests: [],
    addressOf: (sha256) => `${address}/objects/${sha256}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return lfs;
}
