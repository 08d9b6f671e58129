import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { needsOfHistory } from "../agents/neededContents.ts";
import { publishedContents } from "../attestation/node/publishedContents.ts";
import { readKeptHistories } from "../chain/node/keptHistory.ts";
import { AssayError } from "../core/errors.ts";
import type { ContentId } from "../store/contentId.ts";
import { type CollectedFile, collectContents } from "../store/node/collectContents.ts";
import { directoryStore } from "../store/node/directoryStore.ts";
import type { Config } from "./config.ts";

/** What is deleted of a store, and what is not. */
export interface Collection {
  readonly folder: string;
  /** Whose state says which claims are open; undefined: claims are not looked at. */
  readonly config: Pick<Config, "state" | "chainId" | "assay"> | undefined;
  readonly keepDays: number;
  readonly recentHours: number;
  readonly dryRun: boolean;
}

/** What came of it. */
export interface CollectionResult {
  readonly files: readonly CollectedFile[];
  /** The newest block that the claims are known up to, if they were looked at. */
  readonly block?: number;
}

const hourSeconds = 3600;

/**
 * Deletes what nothing needs any more from a store's folder.
 * @throws AssayError `cli/refused` where the claims are not known, or not of late
 */
export async function collectStore(asked: Collection): Promise<CollectionResult> {
  const { folder, config, keepDays, recentHours, dryRun } = asked;
  const now = Date.now() / 1000;
  const recentSeconds = recentHours * hourSeconds;
  const needed = new Map<ContentId, string>();
  const block = config && (await addClaims(needed, folder, config, keepDays * 24 * hourSeconds, recentSeconds, now));
  const add = (digits: string, why: string) => {
    const id = `sha256:${digits}` as const;
    if (!needed.has(id)) needed.set(id, why);
  };
  for (const [digits, path] of await publishedContents(folder)) add(digits, `${path} speaks of it`);
  for (const [digits, path] of await environmentImages(folder)) add(digits, `${path} names it`);
  const files = await collectContents({ folder, needed, recentSeconds, dryRun, now });
  return block === undefined ? { files } : { files, block };
}

async function addClaims(
  needed: Map<ContentId, string>,
  folder: string,
  { state, chainId, assay }: Pick<Config, "state" | "chainId" | "assay">,
  keepSeconds: number,
  recentSeconds: number,
  now: number,
): Promise<number> {
  const file = join(state, "ledger.sqlite");
  const histories = readKeptHistories(file, BigInt(chainId), assay);
  if (histories.length === 0) {
    throw refused(`nothing is known of the claims: no daemon has kept its ledger in ${state}`);
  }
  const times = await Promise.all([file, `${file}-wal`].map(async (each) => await modifiedAt(each)));
  const age = now - Math.max(...times);
  if (age > recentSeconds) {
    throw refused(`what ${state} says of the claims is ${(age / hourSeconds).toFixed(0)} hours old`);
  }
  for (const kept of histories) {
    const needs = await needsOfHistory(kept, directoryStore(folder), keepSeconds);
    for (const [id, why] of needs) if (!needed.has(id)) needed.set(id, why);
  }
  return Math.max(...histories.map(({ block }) => block));
}

async function modifiedAt(file: string): Promise<number> {
  return await stat(file).then(
    ({ mtimeMs }) => mtimeMs / 1000,
    () => 0,
  );
}

function refused(fact: string): AssayError<"cli/refused"> {
  const message = `${fact}. Start the daemon with this configuration, or say --no-claims if this store serves none`;
  return new AssayError("cli/refused", message);
}

/** Images that the environments published here are made of, as digits. */
async function environmentImages(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const names = await readdir(join(folder, "environments")).catch(() => []);
  for (const name of names.filter((each) => /^[0-9a-f]{64}\.jsonl$/.test(each))) {
    const path = join("environments", name);
    const text = await readFile(join(folder, path), "utf8");
    for (const [, digits] of text.matchAll(/"sha256":\s*"0x([0-9a-f]{64})"/g)) found.set(digits!, path);
  }
  return found;
}
