import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Wallet } from "ethers";
import type { AgentWorld } from "./agentWorld.ts";
import { SpawnedDaemon } from "./spawned.ts";

/** A daemon that can be killed and started again, with the same key and state directory each time. */
export class KillableDaemon {
  private current: SpawnedDaemon;
  private readonly earlier: SpawnedDaemon[] = [];

  private constructor(
    readonly wallet: Wallet,
    private readonly start: () => SpawnedDaemon,
  ) {
    this.current = start();
  }

  /** @param name of its configuration and of its state folder. @param limits more of them, as YAML. */
  static async start(world: AgentWorld, name: string, args: readonly string[], limits = ""): Promise<KillableDaemon> {
    return await KillableDaemon.configured(world, name, args, world.configuration(name, undefined, limits));
  }

  /** @param configuration its text. */
  static async configured(
    world: AgentWorld,
    name: string,
    args: readonly string[],
    configuration: string,
  ): Promise<KillableDaemon> {
    const { folder } = world;
    const wallet = await world.wallet();
    const config = join(folder, `${name}.yaml`);
    await writeFile(config, configuration);
    const options = { folder, key: wallet.privateKey };
    return new KillableDaemon(wallet, () => new SpawnedDaemon([...args, "--config", config], options));
  }

  /** What the process of now has logged. */
  get lines(): SpawnedDaemon["lines"] {
    return this.current.lines;
  }

  /** What it has logged since the first process. */
  get allLines(): SpawnedDaemon["lines"] {
    return [...this.earlier, this.current].flatMap(({ lines }) => lines);
  }

  said(message: string): boolean {
    return this.lines.some(({ msg }) => msg === message);
  }

  /** SIGKILL, then a new process. */
  async restart(): Promise<void> {
    await this.kill();
    this.earlier.push(this.current);
    this.current = this.start();
  }

  async kill(): Promise<void> {
    await this.current.kill();
  }

  /** @returns its exit status. */
  async stop(): Promise<number | null> {
    return await this.current.stop();
  }
}
