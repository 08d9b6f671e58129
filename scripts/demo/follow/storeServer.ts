import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Actor } from "../../../src/demo/actor.ts";
import type { Party } from "./network.ts";
import { patience } from "./patience.ts";

/** Serves a party's store by HTTP. @returns its address */
export async function serveStore(party: Party): Promise<string> {
  const store = join(party.folder, "store");
  await mkdir(store, { recursive: true });
  const serve = ["store", "serve", "--folder", store, "--host", party.address, "--port", "0", "--json"];
  const server = new Actor("server", serve, party);
  const { url } = await server.line((line) => line.url !== undefined, "the server's address", patience);
  return String(url);
}
