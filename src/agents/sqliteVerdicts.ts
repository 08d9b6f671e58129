import type { DatabaseSync } from "node:sqlite";
import { sha256 } from "ethers";
import { z } from "zod";
import { checkValue, parseJson } from "../core/json.ts";
import type { Start } from "../protocol/assessClaim.ts";
import { rootSchema } from "./finishedRun.ts";
import type { Verdict, VerdictStore } from "./verdicts.ts";

const startSchema: z.ZodType<Start> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("whole") }),
  z.strictObject({
    kind: z.literal("checkpoints"),
    index: z.int().nonnegative(),
    startRoot: rootSchema,
    endRoot: rootSchema,
    startProof: z.array(rootSchema),
    endProof: z.array(rootSchema),
  }),
]);

const verdictSchema: z.ZodType<Verdict> = z.strictObject({
  claimId: rootSchema,
  buildId: rootSchema,
  ownFinalRoot: rootSchema,
  isRight: z.boolean(),
  start: startSchema.optional(),
});

interface Row {
  readonly claim: string;
  readonly digest: string;
  readonly body: string;
}

/**
 * Verdicts in a database. A row that is not whole, or stands under another claim's name, counts as absent.
 * @param onFailure called when the database cannot be written, the first time and again after it has worked in between: a later
 * process will have to compare again.
 */
export function sqliteVerdicts(database: DatabaseSync, onFailure: (why: string) => void): VerdictStore {
  let fails = false;
  const attempt = <T>(act: () => T): T | undefined => {
    try {
      const result = act();
      fails = false;
      return result;
    } catch (error) {
      if (!fails) onFailure(error instanceof Error ? error.message : String(error));
      fails = true;
      return undefined;
    }
  };
  const prepare = (text: string) => database.prepare(text);
  attempt(() =>
    database.exec(
      "CREATE TABLE IF NOT EXISTS verdicts (claim TEXT PRIMARY KEY, digest TEXT NOT NULL, body TEXT NOT NULL) STRICT, " +
        "WITHOUT ROWID",
    ),
  );
  return {
    load() {
      const rows = attempt(() => prepare("SELECT claim, digest, body FROM verdicts").all() as unknown as Row[]) ?? [];
      return rows.flatMap((row) => verdictIn(row) ?? []);
    },
    put(verdict) {
      const body = JSON.stringify(verdict);
      const put = "INSERT OR REPLACE INTO verdicts (claim, digest, body) VALUES (?, ?, ?)";
      attempt(() => prepare(put).run(verdict.claimId, digestOf(body), body));
    },
    remove(claimId) {
      attempt(() => prepare("DELETE FROM verdicts WHERE claim = ?").run(claimId));
    },
  };
}

function verdictIn({ claim, digest, body }: Row): Verdict | undefined {
  if (digest !== digestOf(body)) return undefined;
  try {
    const refuse = (why: string) => new Error(why);
    const verdict = checkValue(parseJson(body, refuse), verdictSchema, refuse);
    return verdict.claimId === claim ? verdict : undefined;
  } catch {
    return undefined;
  }
}

function digestOf(body: string): string {
  return sha256(Buffer.from(`assay verdict 1\n${body}`));
}
