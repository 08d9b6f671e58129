import { CarWriter } from "@ipld/car";
import { type ImporterOptions, importBytes } from "ipfs-unixfs-importer";
import { CID } from "multiformats/cid";
import { startMirror, type TestMirror } from "./mirrors.ts";

/** What a gateway gives out, which a test may spoil. */
export interface GatewayBlocks {
  readonly root: CID;
  readonly blocks: Map<string, { readonly cid: CID; bytes: Uint8Array }>;
}

/** The blocks of a file, made by the libraries of IPFS. */
export async function blocksOf(content: Uint8Array, options: ImporterOptions = {}): Promise<GatewayBlocks> {
  const blocks: GatewayBlocks["blocks"] = new Map();
  const put = async (cid: CID, bytes: unknown) => {
    blocks.set(cid.toString(), { cid, bytes: bytes as Uint8Array });
    return cid;
  };
  const { cid: root } = await importBytes(content, { put } as never, { cidVersion: 1, rawLeaves: true, ...options });
  return { root, blocks };
}

/** A trustless gateway over some files: what it lacks is 404, an archive holds all that it has of one. Pages may read it. */
export async function startGateway(...files: readonly GatewayBlocks[]): Promise<TestMirror> {
  return await startMirror((request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    const url = new URL(request.url!, "http://gateway");
    const cid = CID.parse(url.pathname.slice("/ipfs/".length));
    const format = url.searchParams.get("format");
    const block = files.map(({ blocks }) => blocks.get(cid.toString())).find((found) => found !== undefined);
    const file = files.find(({ root }) => cid.equals(root));
    if (format === "raw" && block !== undefined) response.end(block.bytes);
    else if (format === "car" && file !== undefined) {
      void (async () => {
        const { writer, out } = CarWriter.create([file.root]);
        void (async () => {
          for (const each of file.blocks.values()) await writer.put(each as never);
          await writer.close();
        })();
        for await (const chunk of out) response.write(chunk);
        response.end();
      })();
    } else response.writeHead(404).end();
  });
}
