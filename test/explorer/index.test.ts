import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExplorerView } from "../../src/explorer/view.ts";
import { encodedLogs } from "../support/encodedLogs.ts";
import { FakeHistory, incidents } from "../support/fakeHistory.ts";
import { answersOf, FilledIndex, idsIn, indexedChain, viewedOf } from "../support/filledIndex.ts";
import { seed } from "../support/seed.ts";

/** The daemons have something to do in every history. */
const request = { kind: "request", seed: 1, expiresAfter: 1_000_000 } as const;
const wrong = { kind: "claim", seed: 1, fault: 1, clones: 2 } as const;

describe("an index of any history", () => {
  it("answers what the view of the whole history answers, however it came in and whatever was dropped", async () => {
    const states = new Set<string>();
    const play = fc.array(incidents, { minLength: 5, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        play,
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 5, maxLength: 12 }),
        async (events, cuts) => {
          const history = new FakeHistory();
          await history.play([request, wrong, ...events]);
          const { parameters } = history.world;
          const logs = encodedLogs(history.world.chain.events);
          const index = await FilledIndex.open(parameters);
          try {
            // In pieces, each of which drops some of what was there: what is left and what is new must be all that counts.
            let have = 0;
            for (const end of [...cuts, Number.POSITIVE_INFINITY]) {
              const fresh = logs.filter(({ blockNumber }) => blockNumber > have && blockNumber <= end);
              if (end < have) await index.take([], end + 1);
              else await index.take(fresh);
              have = end;
              const kept = logs.filter(({ blockNumber }) => blockNumber <= end);
              const view = ExplorerView.ofLogs({ chain: indexedChain, parameters }, kept);
              const ids = idsIn(view);
              expect(answersOf(index.reader, ids)).toEqual(viewedOf(view, ids));
              for (const { state } of view.builds()) states.add(state);
              const [chain] = index.reader.chains();
              expect(chain).toMatchObject({ builds: ids.builds.length });
            }
          } finally {
            index.close();
          }
        },
      ),
      { seed, numRuns: 30 },
    );
    expect([...states].sort()).toEqual(["contradicted", "final", "open", "refuted", "requested"]);
  });
});
