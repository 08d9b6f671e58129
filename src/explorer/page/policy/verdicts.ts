import { effect, signal } from "@preact/signals";
import type { BuildOutcome } from "../../../client/policy/decide.ts";
import type { Root } from "../../../core/bytes.ts";
import type { Judgement } from "./judging.ts";
import { policy } from "./state.ts";

export type Judged = ({ readonly kind: "judged" } & Judgement) | { readonly kind: "failed"; readonly why: string };

/** What the viewer's policy says, by build id. Of a policy that has changed nothing stays. */
export const verdicts = signal<ReadonlyMap<Root, Judged>>(new Map());

const wanted = new Map<Root, BuildOutcome | undefined>();
let isRunning = false;
/** Builds that are asked about at once. */
const atOnce = 3;

effect(() => {
  if (policy.value === undefined) return;
  verdicts.value = new Map();
  wanted.clear();
});

/** Has a build judged, unless it has been. @param isNew asks again. @param claimed what is claimed of it, to be asked about too. */
export function wantVerdict(buildId: Root, isNew = false, claimed?: BuildOutcome): void {
  if (policy.value === undefined || (!isNew && verdicts.peek().has(buildId))) return;
  wanted.set(buildId, claimed ?? wanted.get(buildId));
  if (!isRunning) void run();
}

async function run(): Promise<void> {
  isRunning = true;
  const { judge } = await import("./judging.ts");
  const work = async () => {
    for (const [buildId, claimed] of wanted) {
      wanted.delete(buildId);
      const own = policy.peek();
      if (own === undefined) return;
      const judged = await judge(own, buildId, claimed).then(
        (judgement): Judged => ({ kind: "judged", ...judgement }),
        (error: unknown): Judged => ({ kind: "failed", why: error instanceof Error ? error.message : String(error) }),
      );
      if (policy.peek() === own) verdicts.value = new Map(verdicts.peek()).set(buildId, judged);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  isRunning = false;
}
