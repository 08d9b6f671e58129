import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { CarReader } from "@ipld/car";
import { CID } from "multiformats/cid";
import { mirrorSource } from "../../../src/store/mirrors.ts";

/**
 * `ipfsGateway.ts <archive> <store> <address> <server...>`: a trustless gateway that has one archive of blocks, and says by which CIDs contents are
 * found, as a store's server does. Contents of one block it has from the servers of stores, as a gateway has them from other nodes. Prints its
 * address and, to the log, what it is asked for.
 */
const [file, store, address, ...origins] = process.argv.slice(2) as [string, string, string, ...string[]];
const origin = mirrorSource(origins);
/** The most that a block of IPFS has. */
const blockBytes = 2 ** 21;
const archive = readFileSync(file);
const reader = await CarReader.fromBytes(archive);
const [root] = await reader.getRoots();

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url!, "http://host");
  const found = await contentAt(pathname, searchParams.get("format")).catch(() => undefined);
  console.log(JSON.stringify({ level: "info", msg: found ? "given" : "missing", path: request.url }));
  response.writeHead(found === undefined ? 404 : 200).end(found);
});
server.listen(0, address, () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ url: `http://${address}:${port}` }));
});

async function contentAt(path: string, format: string | null): Promise<Uint8Array | undefined> {
  if (/^\/cids\/[0-9a-f]{64}$/.test(path)) return readFileSync(join(store, path));
  const cid = CID.parse(path.replace(/^\/ipfs\//, ""));
  if (format === "car") return root!.toString() === cid.toString() ? archive : undefined;
  const block = await reader.get(cid as never);
  return block?.bytes ?? (await origin.get(`sha256:${Buffer.from(cid.multihash.digest).toString("hex")}`, blockBytes));
}
