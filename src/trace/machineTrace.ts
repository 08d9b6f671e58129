import type { Root } from "../core/bytes.ts";
import type { SessionClient } from "../machine/native/sessionClient.ts";
import type { TickOpening, Trace } from "../protocol/trace.ts";

/** A build's trace as a machine session computes it: what joins machine and game logic, which do not know each other. */
export class MachineTrace implements Trace {
  private readonly session: SessionClient;

  constructor(session: SessionClient) {
    this.session = session;
  }

  tickRoots(ticks: readonly number[]): Promise<Root[]> {
    return this.session.tickRoots(ticks);
  }

  async openTick(tick: number): Promise<TickOpening> {
    const { log2Steps, start, end } = await this.session.openTick(tick);
    return { log2Steps, start, end };
  }

  stepRoots(tick: number, steps: readonly number[]): Promise<Root[]> {
    return this.session.stepRoots(tick, steps);
  }

  stepWitness(tick: number, step: number): Promise<Uint8Array> {
    return this.session.stepWitness(tick, step);
  }
}
