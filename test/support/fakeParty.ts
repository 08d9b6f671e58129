import { Agent, type AgentLimits, defaultLimits } from "../../src/agents/agent.ts";
import { Builds } from "../../src/agents/builds.ts";
import { Claimant } from "../../src/agents/claimant.ts";
import { type Duties, noneUndone } from "../../src/agents/duties.ts";
import type { Facts, Log } from "../../src/agents/log.ts";
import { Solver, type SolverOptions } from "../../src/agents/solver.ts";
import { Verifier } from "../../src/agents/verifier.ts";
import type { Store } from "../../src/store/store.ts";
import type { FakeRunner } from "./fakeBuilds.ts";
import type { FakePorts } from "./fakePorts.ts";

export interface LogLine {
  readonly level: keyof Log;
  readonly facts: Facts;
  readonly message: string;
}

/** Keeps what is logged. */
export class RecordedLog implements Log {
  readonly lines: LogLine[] = [];
  readonly info = (facts: Facts, message: string) => void this.lines.push({ level: "info", facts, message });
  readonly warn = (facts: Facts, message: string) => void this.lines.push({ level: "warn", facts, message });
  readonly error = (facts: Facts, message: string) => void this.lines.push({ level: "error", facts, message });
  readonly debug = (facts: Facts, message: string) => void this.lines.push({ level: "debug", facts, message });

  /** Messages of a severity. */
  of(level: keyof Log): string[] {
    return this.lines.filter((line) => line.level === level).map(({ message }) => message);
  }

  find(message: string | RegExp): LogLine | undefined {
    return this.lines.find((line) => line.message.match(message));
  }
}

export interface PartyOptions {
  readonly limits?: Partial<AgentLimits>;
  readonly solver?: Partial<SolverOptions>;
}

/** A daemon on fake ports: its real logic, and nothing around it. */
export class FakeParty {
  readonly log = new RecordedLog();
  agent!: Agent;
  builds!: Builds;
  claimant!: Claimant;
  readonly limits: AgentLimits;
  private round!: () => Promise<void>;
  private hasNews = false;

  constructor(
    readonly kind: "solver" | "verifier",
    readonly ports: FakePorts,
    readonly store: Store,
    readonly runner: FakeRunner,
    readonly options: PartyOptions = {},
  ) {
    this.limits = { ...defaultLimits, minReward: 1000n, ...options.limits };
    this.restart();
  }

  get address() {
    return this.ports.address;
  }

  get sender() {
    return this.ports.sender;
  }

  get ledger() {
    return this.ports.ledger;
  }

  get duties(): Duties {
    return this.agent.duties;
  }

  /** What the moves did that have been submitted so far: the first word of each key. */
  get moves(): string[] {
    return this.sender.submissions.map(({ key }) => key.split(" ")[0]!);
  }

  /** A new process, which knows nothing but what the ports and the store know. */
  restart(): void {
    const { ports, store, limits, log, runner, options } = this;
    this.agent = new Agent(ports, store, limits, log, undefined, noneUndone());
    this.builds = new Builds(store, runner, limits, log, new AbortController().signal, () => {
      this.hasNews = true;
    });
    this.claimant = new Claimant(this.agent, `0x${"77".repeat(32)}`);
    if (this.kind === "verifier") {
      const verifier = new Verifier(this.agent, this.builds);
      this.round = async () => await verifier.round();
    } else {
      const solverOptions = { challengeContradictions: true, ...options.solver };
      const solver = new Solver(this.agent, this.builds, this.claimant, solverOptions);
      this.round = async () => await solver.round();
    }
  }

  /** Rounds until no build is running any more and no task has done something; what is submitted stays under way. */
  async look(): Promise<void> {
    do {
      this.hasNews = false;
      await this.round();
      if (await this.agent.tasks.settle()) this.hasNews = true;
      // Waits for the queue of builds.
      await this.builds.close();
    } while (this.hasNews);
  }

  /** One round that ends when no task runs any more but those that cannot end. */
  async lookBeside(endless: number): Promise<void> {
    await this.round();
    const { tasks } = this.agent;
    for (let quiet = 0; quiet < 10; quiet++) {
      await new Promise(setImmediate);
      if (tasks.size > endless) quiet = 0;
    }
  }

  /** Looks, and has everything mined that is submitted. */
  async act(): Promise<void> {
    await this.look();
    await this.sender.mine();
  }

  /** Acts until there is nothing to do at this second: what one round learns the next one acts on. */
  async actAll(): Promise<void> {
    for (let quiet = 0; quiet < 2; quiet++) {
      const before = this.sender.submissions.length;
      await this.act();
      if (this.sender.submissions.length > before) quiet = -1;
    }
  }
}
