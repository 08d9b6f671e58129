import { describe, expect, it } from "vitest";
import type { AssayError } from "../../src/core/errors.ts";
import { quorumOf, type Tip } from "../../src/radicle/quorum.ts";
import { people } from "../support/radicleStorage.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

/** Commits as numbers; each with all that it contains. */
type History = ReadonlyMap<string, ReadonlySet<string>>;

function randomHistory(random: Random): History {
  const history = new Map<string, Set<string>>();
  for (let at = 0; at < 12; at++) {
    const id = `c${String(at).padStart(2, "0")}`;
    const parents = [...history.keys()].slice(-4).filter(() => random.chance(at === 0 ? 0 : 0.35));
    history.set(id, new Set([id, ...parents.flatMap((parent) => [...history.get(parent)!])]));
  }
  return history;
}

/** What the rules say, with all commits and all votes at hand. */
function model(tips: readonly Tip[], threshold: number, history: History): string {
  const commits = tips.filter(({ kind }) => kind === "commit").map(({ id }) => id);
  const tags = tips.filter(({ kind }) => kind === "tag").map(({ id }) => id);
  const said = [...new Set(commits)].filter(
    (id) => commits.filter((tip) => history.get(tip)!.has(id)).length >= threshold,
  );
  const same = [...new Set(tags)].filter((id) => tags.filter((tip) => tip === id).length >= threshold);
  if (said.length + same.length === 0) return "radicle/no-quorum";
  if (said.length === 0 && same.length === 1) return same[0]!;
  const last = said.filter((id) => said.every((other) => history.get(id)!.has(other)));
  return same.length === 0 && last.length === 1 ? last[0]! : "radicle/diverged";
}

describe("what delegates agree on", () => {
  it("is what the rules say, for random histories and votes", async () => {
    const random = new Random(seed);
    const seen = new Set<string>();
    for (let run = 0; run < 2000; run++) {
      const history = randomHistory(random);
      const isAncestor = async (ancestor: string, descendant: string) => history.get(descendant)!.has(ancestor);
      const tips = new Map<`did:key:z6Mk${string}`, Tip>();
      const candidates = Array.from({ length: 3 }, () => random.pick([...history.keys()]));
      for (const { key } of people.slice(0, 1 + random.below(6))) {
        if (random.chance(0.1)) continue;
        tips.set(
          key,
          random.chance(0.15)
            ? { kind: "tag", id: random.pick(["t1", "t2"]) }
            : { kind: "commit", id: random.pick(candidates) },
        );
      }
      const threshold = 1 + random.below(4);
      const result = await quorumOf("refs/heads/main", tips, threshold, isAncestor).then(
        ({ id }) => id,
        ({ code }: AssayError) => code,
      );
      expect(result).toBe(model([...tips.values()], threshold, history));
      seen.add(/^[ct]/.exec(result)?.[0] ?? result);
    }
    expect([...seen].sort()).toEqual(["c", "radicle/diverged", "radicle/no-quorum", "t"]);
  });

  it("counts each of them once: two on a commit and one after it are three for it", async () => {
    const [a, b, c, d] = people.map(({ key }) => key);
    const line = ["old", "new", "other"];
    const isAncestor = async (ancestor: string, descendant: string) =>
      ancestor === descendant || (ancestor === line[0] && descendant === line[1]);
    const tips = new Map<typeof a & string, Tip>([
      [a!, { kind: "commit", id: "old" }],
      [b!, { kind: "commit", id: "old" }],
      [c!, { kind: "commit", id: "new" }],
      [d!, { kind: "commit", id: "other" }],
    ]);
    await expect(quorumOf("refs/heads/main", tips, 3, isAncestor)).resolves.toMatchObject({ id: "old" });
    await expect(quorumOf("refs/heads/main", tips, 4, isAncestor)).rejects.toMatchObject({
      code: "radicle/no-quorum",
      details: { ref: "refs/heads/main", threshold: 4 },
    });
  });
});
