import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sqliteVerdicts } from "../../src/agents/sqliteVerdicts.ts";
import type { Verdict } from "../../src/agents/verdicts.ts";
import { openDatabase } from "../../src/chain/node/database.ts";
import { hashWords } from "../../src/protocol/hash.ts";

let folder: string;
let database: DatabaseSync;
const open = () => openDatabase(join(folder, "transactions.sqlite"), () => expect.unreachable());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-verdicts-"));
  database = open();
});
afterEach(() => {
  if (database.isOpen) database.close();
  rmSync(folder, { recursive: true, force: true });
});

const [a, b, c] = [hashWords(1), hashWords(2), hashWords(3)];
const right: Verdict = { claimId: a, buildId: c, ownFinalRoot: b, isRight: true };
const wrong: Verdict = {
  claimId: b,
  buildId: c,
  ownFinalRoot: a,
  isRight: false,
  start: { kind: "checkpoints", index: 1, startRoot: a, endRoot: b, startProof: [a, c], endProof: [] },
};
const verdicts = () => sqliteVerdicts(database, (why) => expect.unreachable(why));

describe("verdicts in a state directory", () => {
  it("are found by the next process; the last on a claim counts", () => {
    for (const verdict of [right, { ...wrong, start: undefined }, wrong]) verdicts().put(verdict);
    database.close();
    database = open();
    expect(verdicts().load()).toEqual([right, wrong].sort((one, two) => (one.claimId < two.claimId ? -1 : 1)));
  });

  it("are gone when they are removed", () => {
    verdicts().put(right);
    verdicts().put(wrong);
    verdicts().remove(right.claimId);
    expect(verdicts().load()).toEqual([wrong]);
  });

  it.each([
    ["is damaged", "UPDATE verdicts SET body = replace(body, 'true', 'false')"],
    ["stands under the name of another claim", `UPDATE verdicts SET claim = '${c}'`],
    ["says something else", "UPDATE verdicts SET body = '{}', digest = ''"],
  ])("count as absent where one %s", (_, change) => {
    verdicts().put(right);
    database.exec(change);
    expect(verdicts().load()).toEqual([]);
  });

  it("that cannot be written stop nothing, and it is said once", () => {
    const said: string[] = [];
    const kept = sqliteVerdicts(database, (why) => said.push(why));
    database.exec("PRAGMA query_only = ON");
    for (const verdict of [right, wrong]) kept.put(verdict);
    kept.remove(a);
    expect(kept.load()).toEqual([]);
    expect(said).toHaveLength(1);
  });
});
