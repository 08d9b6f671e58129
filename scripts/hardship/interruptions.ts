import type { Random } from "../../test/support/random.ts";
import { type Phase, phases } from "./phases.ts";

/** So many interruptions of one scenario are meant for a phase, at most: what never comes to rest never gets to the next one. */
const mostOfPhase = 3;

/** When scenarios are interrupted, and how often they have been in which phase. */
export class Interruptions {
  private readonly times = zeros();
  private readonly tallies = new Map<string, number>();
  private inStory = zeros();
  private noted = 0;
  private most = 0;

  /** @param chance that an interruption is due when it is asked; a greater one in a phase that the scenario has not been struck in. */
  constructor(
    private readonly random: Random,
    private readonly chance: number,
  ) {}

  get count(): number {
    return this.noted;
  }

  /** @param most interruptions in this scenario: what is under way after them comes to its end in peace. */
  beginStory(most: number): void {
    this.inStory = zeros();
    this.most = this.noted + most;
  }

  /**
   * Whether an interruption is due, by chance.
   * @param underWay what the builds are in the middle of.
   * @returns what it is meant for: the phase that has had the fewest.
   */
  due(underWay: ReadonlySet<Phase>): Phase | undefined {
    const times = (phase: Phase) => this.inStory.get(phase)!;
    const [phase] = [...underWay].sort((a, b) => times(a) - times(b));
    if (phase === undefined || times(phase) >= mostOfPhase || this.noted >= this.most) return undefined;
    return this.random.chance(times(phase) === 0 ? 6 * this.chance : this.chance) ? phase : undefined;
  }

  /** @param phase that it was meant for: others are struck as well, but each interruption counts once. */
  note(phase: Phase): void {
    this.noted++;
    this.times.set(phase, this.times.get(phase)! + 1);
    this.inStory.set(phase, this.inStory.get(phase)! + 1);
  }

  /** Counts something else that is worth a line. */
  tally(what: string, times: number): void {
    this.tallies.set(what, (this.tallies.get(what) ?? 0) + times);
  }

  /** A line for each phase, and for what else was counted. */
  get table(): string {
    return [...this.times, ...this.tallies].map(([what, times]) => `  ${what.padEnd(26)} ${times}`).join("\n");
  }
}

function zeros(): Map<Phase, number> {
  return new Map(phases.map((phase) => [phase, 0]));
}
