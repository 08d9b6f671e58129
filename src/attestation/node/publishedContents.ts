import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isAssayError } from "../../core/errors.ts";
import { diskError } from "../../store/node/atomicFile.ts";
import { topicAt } from "../board.ts";
import { parseBundle } from "../bundle.ts";
import { mostBundleCharacters } from "../limits.ts";

/**
 * The contents that the signed results in a folder speak of, by any key: every sha256 in a statement, as digits.
 * @returns each with the path of a bundle that names it. @throws AssayError `store/io-fault`
 */
export async function publishedContents(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const names = await readdir(join(folder, "attestations"), { recursive: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw diskError(error, "look into", folder);
    },
  );
  for (const name of names) {
    const path = join("attestations", name);
    const topic = topicAt(path);
    if (topic === undefined) continue;
    if (topic.algorithm === "sha256") found.set(topic.digest, path);
    for (const digits of await digestsIn(join(folder, path))) if (!found.has(digits)) found.set(digits, path);
  }
  return found;
}

async function digestsIn(file: string): Promise<string[]> {
  const { size } = await stat(file);
  if (size > mostBundleCharacters) return [];
  try {
    const { envelopes } = parseBundle(await readFile(file, "utf8"));
    return envelopes.flatMap(({ payload }) => {
      const text = new TextDecoder().decode(payload);
      return [...text.matchAll(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g)].map(([digits]) => digits);
    });
  } catch (error) {
    // Nobody takes it for a result.
    if (isAssayError(error)) return [];
    throw error;
  }
}
