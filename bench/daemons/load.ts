import { cp, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { compilePackage } from "../../scripts/compiledPackage.ts";
import { require } from "../../scripts/hardship/requirement.ts";
import { Ledger } from "../../src/chain/ledger.ts";
import type { Root } from "../../src/core/bytes.ts";
import { AgentWorld } from "../../test/support/agentWorld.ts";
import { startAnvil } from "../../test/support/anvil.ts";
import { SpawnedDaemon } from "../../test/support/spawned.ts";
import { type Figure, median } from "../figure.ts";

const requests = 100;
const wrongClaims = 24;
/** As on a rollup. */
const blockSeconds = 2;
/** Of all builds, and of those that the wrong solver claims too: it takes no smaller reward. */
const reward = { small: "0.01", large: "0.02" };
const mebibyte = 2 ** 20;
const root = fileURLToPath(new URL("../..", import.meta.url));

/** What an honest daemon may say here as a warning or an error, each with its cause. */
const expected: ReadonlySet<string> = new Set([
  // The wrong claims.
  "claim is wrong",
  // This run, which moves the chain's clock to the end of the window.
  "this host's clock and the chain's differ: one of them is wrong; deadlines go by the chain's",
]);

/**
 * A hundred requests at once, a quarter of which get a wrong claim besides the right one: one honest solver, two verifiers and
 * one solver that is wrong, each a process, on one chain with blocks at intervals.
 * @throws when a wrong claim stands, a right one does not become final, or a daemon complains without a cause.
 */
export async function load(): Promise<Figure[]> {
  compilePackage();
  const world = await openWorld();
  const daemons: SpawnedDaemon[] = [];
  const start = async (name: string, args: readonly string[], minReward = reward.small) => {
    const config = join(world.folder, `${name}.yaml`);
    const text = world.configuration(name, undefined, `minReward: "${minReward}"`);
    await writeFile(config, text.replace(/^polling:.*$/m, "polling: { seconds: 1 }"));
    const wallet = await world.wallet("1000");
    const options = { folder: world.folder, key: wallet.privateKey };
    const daemon = new SpawnedDaemon([...args, "--config", config], options);
    daemons.push(daemon);
    return { name, wallet, daemon };
  };
  try {
    const sources = await copySources(world);
    await Promise.all(
      sources.map(
        async (source, i) => await world.request(source, { reward: i < wrongClaims ? reward.large : reward.small }),
      ),
    );
    const wrong = await start("wrong", ["solver", "--no-challenge", "--fault", "record"], reward.large);
    const solver = await start("solver", ["solver", "--no-challenge"]);
    const verifiers = [await start("verifier 1", ["verifier"]), await start("verifier 2", ["verifier"])];
    const honest = [solver, ...verifiers];

    const claims = () => [...world.ledger.history.claims.values()];
    const ofSolver = () => claims().filter((claim) => claim.solver === solver.wallet.address);
    const refuted = () => claims().filter(({ status }) => status === "refuted");
    const began = performance.now();
    const seconds = () => ((performance.now() - began) / 1000).toFixed(0);
    let told = "";
    await world.until(
      "all claims made, all wrong ones refuted",
      () => {
        const state = `${ofSolver().length} of ${requests} claimed, ${refuted().length} of ${wrongClaims} refuted`;
        if (state !== told) console.log(`${seconds().padStart(5)} s  ${state}`);
        told = state;
        return ofSolver().length === requests && refuted().length === wrongClaims;
      },
      3600,
    );
    // Both verifiers look at every claim: only then is nothing left to do but to wait.
    const verdicts = () =>
      verifiers.map(({ daemon }) => daemon.lines.filter(({ msg }) => msg === "claim is right").length);
    await world.until("all right claims checked by both", () => Math.min(...verdicts()) >= requests, 3600);
    console.log(`${seconds().padStart(5)} s  all checked by both verifiers`);
    await world.skip(Math.max(...ofSolver().map((claim) => world.ledger.finalizableFrom(claim))) - world.ledger.now);
    const final = () => [...world.ledger.history.builds.values()].filter(({ finalClaim }) => finalClaim !== undefined);
    await world.until("all final", () => final().length === requests, 3600);
    console.log(`${seconds().padStart(5)} s  all final`);
    const right = new Set(ofSolver().map(({ claimId }) => claimId));
    require("only right claims are final", final().every(({ finalClaim }) => right.has(finalClaim!)));
    require("only wrong claims fell, each by a step", refuted().every(
      ({ solver: by, refutation }) => by === wrong.wallet.address && refutation?.cause === "fault",
    ));

    const memories: number[] = [];
    for (const { daemon } of honest) memories.push((await daemon.peakMemory()) / mebibyte);
    console.log(`peak memory: ${memories.map((one, i) => `${honest[i]!.name} ${one.toFixed(0)} MiB`).join(", ")}`);
    const { median: delay, most } = await revealDelays(world, right);
    console.log(`from commit to reveal, beyond the least age: ${delay} blocks at the median, ${most} at most`);
    for (const { name, daemon } of honest) {
      const status = await daemon.stop();
      require(`${name} ends with status 0, not ${status}: ${daemon.stderr}`, status === 0);
      const complaints = daemon.lines.filter(({ level, msg }) => level !== "info" && !expected.has(String(msg)));
      require(`${name} complains: ${JSON.stringify(complaints.slice(0, 5))}`, complaints.length === 0);
    }
    return [
      { name: "daemons.revealDelayBlocks", value: delay, unit: "blocks", target: 3, better: "lower" },
      { name: "daemons.peakMemory", value: Math.max(...memories), unit: "MiB", target: 400, better: "lower" },
    ];
  } finally {
    for (const daemon of daemons) if (daemon.alive) await daemon.kill();
    await world.close();
  }
}

async function openWorld(): Promise<AgentWorld> {
  const anvil = await startAnvil(["--block-time", String(blockSeconds)]);
  const send = async (method: string, params: unknown[] = []) => await anvil.provider.send(method, params);
  const server = { url: anvil.url, send, close: async () => await anvil.close() };
  return await AgentWorld.start({ server, confirmations: 1 });
}

/** Folders of this project, each with a file that no other has. */
async function copySources(world: AgentWorld): Promise<string[]> {
  const folders: string[] = [];
  for (const parent of ["src", "contracts", "docs", "scripts"]) {
    for (const entry of await readdir(join(root, parent), { withFileTypes: true })) {
      if (entry.isDirectory()) folders.push(join(root, parent, entry.name));
    }
  }
  return await Promise.all(
    Array.from({ length: requests }, async (_, i) => {
      const copy = join(world.folder, `source-${i}`);
      await cp(folders[i % folders.length]!, copy, {
        recursive: true,
        filter: (path) => !path.includes("node_modules"),
      });
      await writeFile(join(copy, "NUMBER"), `${i}\n`);
      return copy;
    }),
  );
}

/** Blocks from a claim's commitment to its reveal, less those that the contract asks for. */
async function revealDelays({ chain }: AgentWorld, claims: ReadonlySet<Root>) {
  const { events } = await new Ledger(chain).refresh();
  const committed = new Map<unknown, number>();
  const delays: number[] = [];
  const leastBlocks = Math.ceil(chain.parameters.minCommitAgeSeconds / blockSeconds);
  for (const { name, args, block } of events) {
    if (!claims.has(args.claimId as Root)) continue;
    if (name === "ClaimCommitted") committed.set(args.claimId, block);
    if (name === "ClaimRevealed") delays.push(block - committed.get(args.claimId)! - leastBlocks);
  }
  return { median: median(delays), most: Math.max(...delays) };
}
