import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { AssayError } from "../../../src/core/errors.ts";
import { type Place, run } from "../../../src/demo/actor.ts";
import { remark } from "../../../src/demo/screen.ts";
import { scriptProgram } from "./script.ts";

/** What `assay check --json` prints, as far as the demo needs it. */
export interface CheckAnswer {
  readonly decision: string;
  readonly answers: readonly {
    readonly buildId: string;
    readonly agree: readonly string[];
    readonly mismatches: readonly { readonly name: string }[];
  }[];
  readonly faults: readonly unknown[];
}

/** What `assay diff --json` prints, as far as the demo needs it. */
export interface DiffAnswer {
  readonly contents: readonly {
    readonly differences: readonly {
      readonly path: string;
      readonly what: string;
      readonly first?: string;
      readonly second?: string;
    }[];
  }[];
  readonly parting?: { readonly checkpoint?: number; readonly fromTick: number; readonly toTick?: number };
}

/** Asks about an artifact. @param more options of `assay check`. */
export async function ask(place: Place, artifact: string, more: readonly string[] = []) {
  const { status, json, stderr } = await run(["check", artifact, ...more, "--json"], place);
  if (stderr !== "") remark(stderr.trim());
  return { status, answer: json as unknown as CheckAnswer };
}

export async function writePolicy(place: Place, name: string, policy: object): Promise<void> {
  await writeFile(join(place.folder, name), stringify({ version: 1, ...policy }));
}

/** Brings a content from stores into a file. @returns how many bytes it has. */
export async function fetchContent(place: Place, sha256: string, file: string, stores: readonly string[]) {
  await rm(join(place.folder, file), { force: true });
  const program = scriptProgram("fetch.ts");
  const { status, json, stderr } = await run([`sha256:${sha256}`, file, ...stores], { ...place, program });
  if (status === 0) return Number(json.size);
  throw new AssayError("demo/command-failed", `${sha256} cannot be fetched: ${stderr.trim()}`);
}
