/** One party of a dispute, in a process of its own whose memory and time are its own. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Root } from "../../src/core/bytes.ts";
import type { GuestManifest } from "../../src/guest/manifest.ts";
import type { RegistersProof, TickOpening } from "../../src/protocol/trace.ts";
import { outcomeOf } from "../../src/trace/outcome.ts";
import type { GameTrace } from "../../test/support/game/world.ts";
import { scriptCommand } from "../ownProcess.ts";
import type { JobName } from "./jobs.ts";

/** What a party knows when it has run the build. */
export interface PartyBuild {
  readonly buildId: Root;
  readonly finalRoot: Root;
  readonly ticks: number;
  readonly log2Ticks: number;
  readonly log2CheckpointTicks: number;
  readonly checkpoints: readonly Root[];
  readonly startProof: RegistersProof;
  readonly endProof: Uint8Array;
}

/** What the party took so far. */
export interface PartyUsage {
  /** Of work: between requests and their answers. */
  readonly seconds: number;
  /** Of all its threads, compilers included. */
  readonly processorSeconds: number;
  readonly peakMebibytes: number;
}

/** What the process answers to. */
export interface PartyMethods {
  build(): Promise<PartyBuild>;
  usage(): Promise<PartyUsage>;
  tickRoots(ticks: readonly number[]): Promise<Root[]>;
  openTick(tick: number): Promise<TickOpening>;
  stepRoots(tick: number, steps: readonly number[]): Promise<Root[]>;
  stepWitness(tick: number, step: number): Promise<Uint8Array>;
}

export interface PartyRequest {
  readonly method: keyof PartyMethods;
  readonly values: readonly unknown[];
}

export type PartyAnswer = { readonly value: unknown } | { readonly failure: string };

export class Party implements PartyMethods {
  private readonly child: ChildProcess;

  /** @param faultTick in which a bit of memory flips, for a wrong solver. */
  constructor(job: JobName, manifest: GuestManifest, faultTick?: number) {
    const script = new URL("./partyProcess.ts", import.meta.url);
    const [command, given] = scriptCommand(script, job, JSON.stringify(manifest), String(faultTick ?? ""));
    this.child = spawn(command, given, { stdio: ["ignore", "inherit", "inherit", "ipc"], serialization: "advanced" });
  }

  build = () => this.ask<PartyBuild>("build");
  usage = () => this.ask<PartyUsage>("usage");
  tickRoots = (ticks: readonly number[]) => this.ask<Root[]>("tickRoots", ticks);
  openTick = (tick: number) => this.ask<TickOpening>("openTick", tick);
  stepRoots = (tick: number, steps: readonly number[]) => this.ask<Root[]>("stepRoots", tick, steps);
  stepWitness = (tick: number, step: number) => this.ask<Uint8Array>("stepWitness", tick, step);

  /** What it defends or attacks in a game. */
  traceOf(build: PartyBuild): GameTrace {
    const { tickRoots, openTick, stepRoots, stepWitness } = this;
    const unused = () => {
      throw new Error("only strategies that cheat ask for this");
    };
    const proofs = { startProof: () => build.startProof, endProof: () => build.endProof };
    const outcome = () => outcomeOf(build.endProof);
    return {
      ...{ ticks: build.ticks, steps: unused, stepProof: unused, ...proofs, outcome },
      ...{ tickRoots, openTick, stepRoots, stepWitness },
    };
  }

  close(): void {
    this.child.kill();
  }

  /** Requests are made one after the other. */
  private ask<T>(method: PartyRequest["method"], ...values: readonly unknown[]): Promise<T> {
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error(`the party's process ended during ${method}`));
      this.child.once("exit", ended);
      this.child.once("message", (answer: PartyAnswer) => {
        this.child.off("exit", ended);
        if ("failure" in answer) reject(new Error(`${method}: ${answer.failure}`));
        else resolve(answer.value as T);
      });
      this.child.send({ method, values } satisfies PartyRequest);
    });
  }
}
