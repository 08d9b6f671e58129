import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseEther, Wallet } from "ethers";
import { defaultLimits } from "../../src/agents/agent.ts";
import { runSolver, runVerifier, type SolverDaemonOptions } from "../../src/agents/daemon.ts";
import type { Duties } from "../../src/agents/duties.ts";
import { parseFault } from "../../src/agents/faults/injectedFault.ts";
import type { Facts, Log } from "../../src/agents/log.ts";
import { environmentNamed } from "../../src/build/node/environments.ts";
import { type BuildRequest, identifyBuild } from "../../src/build/node/identifyBuild.ts";
import { type AssayChain, chainTime, connect, createAssaySender, type Deployment } from "../../src/chain/assay.ts";
import { assayCalls } from "../../src/chain/claims.ts";
import { Ledger } from "../../src/chain/ledger.ts";
import { defaultFeePolicy } from "../../src/chain/outbox/call.ts";
import { publish } from "../../src/client/publication.ts";
import type { Root } from "../../src/core/bytes.ts";
import { deployLocally } from "../../src/deployment/local.ts";
import type { RunnableEnvironment } from "../../src/environment/runnable.ts";
import { directoryStore } from "../../src/store/node/directoryStore.ts";
import type { StoreDescription } from "../../src/store/storeKind.ts";
import { type LocalServer, startServer } from "./rpcServer.ts";

const releaseTarball = await environmentNamed("releaseTarball");
const ofReleaseTarball = { environment: "releaseTarball" };
/** The node and a whole set of daemons share this process: an answer waits while one of them hashes its images. */
const limits = { timeoutMilliseconds: 60_000, retries: 2, retryMilliseconds: 50, pollMilliseconds: 50 };
/** For the way through a server that stalls. */
const hastyLimits = { ...limits, timeoutMilliseconds: 5000 };

export interface LogEntry {
  readonly level: string;
  readonly facts: Facts;
  readonly message: string;
}

/** What is different about one daemon. */
export interface DaemonChange extends Partial<SolverDaemonOptions> {
  readonly key?: Wallet;
  /** Another way to the server. */
  readonly rpc?: string;
}

/** What is different about a world. */
export interface WorldOptions {
  /** What the daemons allow, if they are not started with others. */
  readonly environments?: readonly RunnableEnvironment[];
  /** Pause between blocks, each of which is at least a second later than the one before. */
  readonly blockMilliseconds?: number;
  /** A chain that is there already and mines by itself, instead of a new one of Hardhat's. */
  readonly server?: LocalServer;
  /** Blocks on top of a block before a daemon believes it. */
  readonly confirmations?: number;
  /** Terms of the contract that differ from those for local chains. */
  readonly terms?: Readonly<Record<string, number>>;
}

/** What is different about one request. */
export interface RequestChange {
  /** Whether the input is in the store. */
  readonly published?: boolean;
  /** Ether. */
  readonly reward?: string;
  readonly build?: Omit<BuildRequest, "source">;
}

/** A daemon in this process. */
export interface RunningDaemon {
  readonly wallet: Wallet;
  readonly entries: LogEntry[];
  /** Ends it. @returns what it could not do. */
  stop(): Promise<Duties>;
}

/** A local chain with the contracts, a store, and whatever daemons a test starts on it. */
export class AgentWorld {
  private readonly running = new Set<RunningDaemon>();
  private count = 0;

  private constructor(
    readonly server: LocalServer,
    readonly chain: AssayChain,
    readonly deployment: Deployment,
    readonly folder: string,
    readonly ledger: Ledger,
    private readonly environments: readonly RunnableEnvironment[],
  ) {}

  static async start({
    environments = [releaseTarball],
    blockMilliseconds = 100,
    terms = {},
    server: given,
    confirmations = 0,
  }: WorldOptions = {}): Promise<AgentWorld> {
    const server = given ?? (await startServer());
    const { assay } = await deployLocally(server.url, terms);
    const deployment = {
      rpc: server.url,
      chainId: 31337n,
      assay,
      deploymentBlock: 0,
      confirmations,
      logRange: 2000,
    };
    const chain = await connect(deployment, limits);
    const folder = await mkdtemp(join(tmpdir(), "assay-agents-"));
    if (given === undefined) await server.send("evm_setIntervalMining", [blockMilliseconds]);
    return new AgentWorld(server, chain, deployment, folder, new Ledger(chain), environments);
  }

  get storeFolder(): string {
    return join(this.folder, "store");
  }

  async close(): Promise<void> {
    for (const daemon of [...this.running]) await daemon.stop().catch(() => {});
    this.chain.close();
    await this.server.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /**
   * The text of a configuration for a spawned process.
   * @param rpc another address than the server's own.
   * @param limits more of them, as YAML.
   */
  configuration(name: string, rpc = this.server.url, limits = ""): string {
    return [
      `rpc: ${rpc}`,
      "chainId: 31337",
      `assay: "${this.deployment.assay}"`,
      `confirmations: ${this.deployment.confirmations}`,
      `stores: [{ url: "file:${this.storeFolder}", write: true }]`,
      `state: ${this.stateFolder(name)}`,
      "polling: { seconds: 0.05, timeoutSeconds: 5, retries: 2 }",
      `limits: { environments: [${this.environments.map(({ name }) => name)}], ${limits} }`,
      "",
    ].join("\n");
  }

  /** Where a spawned process with the configuration of this name keeps its state. */
  stateFolder(name: string): string {
    return join(this.folder, `state-${name}`);
  }

  /** A new account with so much ether. */
  async wallet(ether = "10"): Promise<Wallet> {
    const wallet = new Wallet(Wallet.createRandom().privateKey);
    await this.server.send("hardhat_setBalance", [wallet.address, `0x${parseEther(ether).toString(16)}`]);
    return wallet;
  }

  /** A small directory: its build takes two ticks with eight files, and one with a single file. */
  async source(name: string, files = 8): Promise<string> {
    const folder = join(this.folder, `source-${name}`);
    await mkdir(folder, { recursive: true });
    for (let i = 0; i < files; i++) await writeFile(join(folder, `file-${i}`), `${name} ${i}\n`.repeat(500 * (i + 1)));
    return folder;
  }

  /** Publishes a source's build and puts a reward on it. @returns its build id. */
  async request(source: string, { build = ofReleaseTarball, ...rest }: RequestChange = {}): Promise<Root> {
    const { buildId, drive, environment } = await identifyBuild({ source, ...build });
    await this.requestInput(buildId, environment, drive, rest);
    return buildId;
  }

  /** Puts a reward on a build of this input, whatever it holds. */
  async requestInput(
    buildId: Root,
    { name, id }: RunnableEnvironment,
    input: Uint8Array,
    { published = true, reward = "0.01" }: RequestChange = {},
  ): Promise<void> {
    const store = directoryStore(this.storeFolder);
    const locator = await publish(store, {
      kind: "assay-build",
      version: 1,
      environment: { name, id },
      input: { id: published ? await store.put(input) : `sha256:${"0".repeat(64)}`, size: input.length },
    });
    const sender = await createAssaySender(this.chain, await this.wallet(), defaultFeePolicy);
    const expiry = (await chainTime(this.chain)) + 1_000_000;
    await sender.send(
      assayCalls(this.deployment.assay).request(buildId, expiry, BigInt(this.count++), locator, parseEther(reward)),
    );
  }

  async solver(faults: readonly string[] = [], change: DaemonChange = {}): Promise<RunningDaemon> {
    return await this.start(change, async (options) => {
      return await runSolver({ ...options, faults: faults.map(parseFault) });
    });
  }

  async verifier(change: DaemonChange = {}): Promise<RunningDaemon> {
    return await this.start(change, runVerifier);
  }

  private async start(
    change: DaemonChange,
    run: (options: SolverDaemonOptions) => Promise<Duties>,
  ): Promise<RunningDaemon> {
    const controller = new AbortController();
    const entries: LogEntry[] = [];
    const key = change.key ?? (await this.wallet());
    const { rpc = this.server.url } = change;
    const chain = await connect({ ...this.deployment, rpc }, rpc === this.server.url ? limits : hastyLimits);
    const finished = run({
      key,
      saltSecret: key.privateKey,
      challengeContradictions: false,
      fees: defaultFeePolicy,
      stores: [folderStore(this.storeFolder)],
      stateFolder: join(this.folder, `state-${this.count++}`),
      environments: this.environments,
      limits: defaultLimits,
      log: memoryLog(entries),
      signal: controller.signal,
      untilIdle: false,
      ...change,
      chain,
    });
    finished.catch(() => {});
    const daemon: RunningDaemon = {
      wallet: key,
      entries,
      stop: async () => {
        this.running.delete(daemon);
        controller.abort();
        try {
          return await finished;
        } finally {
          chain.close();
        }
      },
    };
    this.running.add(daemon);
    return daemon;
  }

  /** Reads the chain until something holds. */
  async until<T>(
    what: string,
    find: (world: AgentWorld) => T | undefined | false | Promise<T | undefined | false>,
    seconds = 400,
  ): Promise<T> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      await this.ledger.refresh();
      const found = await find(this);
      if (found !== undefined && found !== false) return found;
      if (Date.now() > deadline) {
        const logs = [...this.running].flatMap(({ entries }) =>
          entries.slice(-8).map((entry) => JSON.stringify(entry, text)),
        );
        throw new Error(`not seen within ${seconds} s: ${what}\n${logs.join("\n")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Sets the chain's clock forward. */
  async skip(seconds: number): Promise<void> {
    await this.server.send("evm_increaseTime", [seconds]);
    await this.server.send("evm_mine");
  }

  claimOf(wallet: Wallet) {
    return [...this.ledger.history.claims.values()].find(({ solver }) => solver === wallet.address);
  }
}

function memoryLog(entries: LogEntry[]): Log {
  const write = (level: string) => (facts: Facts, message: string) => void entries.push({ level, facts, message });
  return { info: write("info"), warn: write("warn"), error: write("error"), debug: () => {} };
}

function text(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/** A store in a folder, that is written to. */
export function folderStore(folder: string): StoreDescription {
  return { url: pathToFileURL(folder).href, write: true };
}
