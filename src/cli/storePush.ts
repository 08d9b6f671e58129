import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathOf, type Topic, topicAt } from "../attestation/board.ts";
import { environmentAt } from "../guest/environmentIndex.ts";
import { type ContentId, parseContentId } from "../store/contentId.ts";
import { fetchBytes } from "../store/fetchContent.ts";
import { defaultFetchLimits } from "../store/fetchLimits.ts";
import { remoteStore, upload } from "../store/httpUpload.ts";
import { directoryStore } from "../store/node/directoryStore.ts";

/** What is pushed, and where to. */
export interface Push {
  readonly folder: string;
  readonly url: string;
  readonly token: string | undefined;
  readonly maxBytes: number;
  readonly onProgress: (path: string) => void;
}

/** How much of it the server did not have. */
export interface Pushed {
  readonly contents: number;
  readonly texts: number;
}

/** Bytes of a text beside the contents that is read, here and there. */
const mostTextBytes = 2 ** 26;

/**
 * Writes to a server what a store's folder has and it has not: contents, signed results, manifests of environments. It can be called
 * again after an interruption, or as often as one likes.
 * @throws AssayError `store/not-taken-fault`, `store/unreachable-fault`
 */
export async function pushStore({ folder, url, token, maxBytes, onProgress }: Push): Promise<Pushed> {
  const [from, to] = [directoryStore(folder), remoteStore(url, token)];
  let contents = 0;
  for (const id of await contentsIn(folder)) {
    if (await to.has(id)) continue;
    onProgress(id);
    await to.put(await from.get(id, maxBytes));
    contents++;
  }
  let texts = 0;
  for (const path of await textsIn(folder)) {
    const there = new Set(await linesAt(url, path));
    for (const line of linesOf(await readFile(join(folder, path), "utf8"))) {
      if (there.has(line)) continue;
      onProgress(path);
      const body = new TextEncoder().encode(line);
      await upload({ method: "POST", url: new URL(path, slashed(url)), body, contentType: "application/json", token });
      texts++;
    }
  }
  return { contents, texts };
}

async function contentsIn(folder: string): Promise<ContentId[]> {
  const names = await readdir(folder, { recursive: true });
  return names.flatMap((name) => {
    const digits = /^[0-9a-f]{2}\/([0-9a-f]{64})$/.exec(name)?.[1];
    return digits === undefined ? [] : [parseContentId(`sha256:${digits}`)];
  });
}

async function textsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => isTopic(topicAt(name), name) || environmentAt(name) !== undefined).sort();
}

function isTopic(topic: Topic | undefined, path: string): boolean {
  return topic !== undefined && pathOf(topic) === path;
}

async function linesAt(url: string, path: string): Promise<string[]> {
  const answer = await fetchBytes(path, new URL(path, slashed(url)), mostTextBytes, defaultFetchLimits);
  return answer.kind === "brought" ? linesOf(new TextDecoder().decode(answer.value)) : [];
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}

function slashed(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}
