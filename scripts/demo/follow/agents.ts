import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Actor } from "../../../src/demo/actor.ts";
import { command } from "../../../src/demo/demo.ts";

/** Somebody with a signing key, a folder that nobody else reads, and a server that gives out what is published there. */
export interface Agent {
  readonly name: string;
  readonly folder: string;
  /** The signing key's file, and what others know it by. */
  readonly key: string;
  readonly keyId: string;
  readonly passwordFile: string;
  readonly store: string;
  readonly url: string;
}

export async function createAgent(parent: string, name: string, password: string): Promise<Agent> {
  const folder = join(parent, name);
  const store = join(folder, "store");
  await mkdir(store, { recursive: true });
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  const key = join(folder, "signing.json");
  const { keyId } = await command(["key", "new", "--signing", key, "--password-file", passwordFile], folder);
  const server = new Actor("server", ["store", "serve", "--folder", store, "--port", "0", "--json"], { folder });
  const { url } = await server.line((line) => line.url !== undefined, "the server's address", 120);
  return { name, folder, key, keyId: String(keyId), passwordFile, store, url: String(url) };
}

/** Starts an agent on a repository. */
export function startFollowing({ folder, key, passwordFile, store }: Agent, repository: string): Actor {
  const args = ["follow", repository, "--key", key, "--password-file", passwordFile, "--publish", store];
  return new Actor("follower", [...args, "--state", join(folder, "state"), "--poll", "1"], { folder });
}
