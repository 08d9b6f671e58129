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

/** A trustless gateway over some blocks: what it lacks is 404, an archive holds all that it has. */
export async function startGateway({ root, blocks }: GatewayBlocks): Promise<TestMirror> {
  return await startMirror((request, response) => {
    const url = new URL(request.url!, "http://gateway");
    const cid = CID.parse(url.pathname.slice("/ipfs/".length));
    const format = url.searchParams.get("format");
    const block = blocks.get(cid.toString());
    if (format === "raw" && block !== undefined) response.end(block.bytes);
    else if (format === "car" && cid.equals(root)) {
      void (async () => {
        const { writer, out } = CarWriter.create([root]);
        void (async () => {
          for (const each of blocks.values()) await writer.put(each as never);
          await writer.close();
        })();
        for await (const chunk of out) response.write(chunk);
        response.end();
      })();
    } else response.writeHead(404).end();
  });
}
