import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Root } from "../../src/core/bytes.ts";
import { Actor, endAll, run } from "./actor.ts";
import {
  askAsClient,
  type BuildFacts,
  checkMoney,
  checkRefutation,
  isContradicted,
  isRevealBy,
  skipToFinality,
} from "./checks.ts";
import { showFigures } from "./figures.ts";
import { allFacts, bold, check, green, number, red, remark, say, scene, short } from "./screen.ts";
import { type Names, Watch } from "./watch.ts";

/** Ether on the build. */
const reward = "0.05";

interface ChainFacts {
  readonly rpc: string;
  readonly assay: string;
  readonly config: string;
  readonly accounts: readonly { readonly address: string; readonly key: string }[];
}

const started = performance.now();
const [location = ".", revision] = process.argv.slice(2);
const source = /^git\+/.test(location) ? location : resolve(process.env.ASSAY_DEMO_FOLDER ?? ".", location);
const revisionArgs = revision === undefined ? [] : ["--rev", revision];
const folder = await mkdtemp(join(tmpdir(), "assay-demo-"));
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void endAll().finally(() => process.exit(130)));
}

try {
  await play();
} catch (error) {
  check("the story came to its end", false, error instanceof Error ? error.message : String(error));
} finally {
  await endAll();
}
const failed = allFacts().filter(({ holds }) => !holds);
if (failed.length === 0) await rm(folder, { recursive: true, force: true });
else console.log(`\nLogs of all parties are in ${folder}.`);
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(
  `\n${failed.length === 0 ? green(bold("All facts hold")) : red(bold(`${failed.length} facts do not hold`))}: ` +
    `${allFacts().length - failed.length} of ${allFacts().length} checked, ${seconds} s.`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

async function play(): Promise<void> {
  scene("A chain, and somebody who wants to know what a source builds to");
  const chain = await startChain();
  const [, clientAccount, honestAccount, liarAccount, verifierAccount] = chain.accounts;
  const names: Names = new Map([
    [clientAccount!.address.toLowerCase(), "client"],
    [honestAccount!.address.toLowerCase(), "solver A"],
    [liarAccount!.address.toLowerCase(), "solver B"],
    [verifierAccount!.address.toLowerCase(), "verifier"],
  ]);
  const watch = await Watch.open(chain.rpc, chain.assay, names);
  const tarball = join(folder, "release.tar.gz");
  const built = (await command(["build", source, ...revisionArgs, "--artifact", tarball])) as unknown as BuildFacts;
  say("client", `has a tarball that is said to be ${built.source.name}: ${built.source.entries} files`);
  remark(`${tarball}: ${number(Number(built.artifactSize))} bytes, sha256 ${short(built.artifactSha256)}`);
  const requested = await command(
    ["request", source, ...revisionArgs, "--reward", reward, "--config", chain.config],
    clientAccount!.key,
  );
  await watch.until(({ name }) => name === "BuildRequested", "the request");
  check(
    "the build id computed from the source alone is the machine's first state",
    requested.buildId === built.buildId,
  );
  const early = await run(["result", source, ...revisionArgs, "--config", chain.config, "--json"], { folder });
  check("nothing is final yet, and the client is told so", early.status === 3, `exit status ${early.status}`);

  scene("An honest solver runs the build and claims it");
  const timeout = 300 + 20 * built.seconds;
  const honest = await daemon("solver A", chain, honestAccount!.key, ["solver", "--no-challenge"]);
  const honestClaim = await watch.until(isRevealBy(honestAccount!.address), "the honest claim", timeout);
  const honestId = honestClaim.args.claimId as Root;
  const claimed = watch.ledger.history.claims.get(honestId)!;
  check("its final state is the one that the client's own run has", claimed.fields.finalRoot === built.finalRoot);

  scene("A second solver claims something else: one bit of the source flipped in the middle of the run");
  const tick = Math.floor(built.ticks * 0.35);
  const looked = await command(["trace", source, ...revisionArgs, "--at", `${tick}:1`]);
  const fault = { tick, step: Math.max(1, Math.floor(Number(looked.steps) * 0.6)) };
  const liar = await daemon("solver B", chain, liarAccount!.key, [
    "solver",
    "--no-challenge",
    "--fault",
    `memory@${fault.tick}:${fault.step}`,
  ]);
  const liarClaim = await watch.until(isRevealBy(liarAccount!.address), "the wrong claim", timeout);
  const liarId = liarClaim.args.claimId as Root;
  check("two claims contradict each other: neither can become final", await isContradicted(watch, built.buildId));

  scene("A verifier, which knows nothing of who is honest, runs the build again");
  const verifier = await daemon("verifier", chain, verifierAccount!.key, ["verifier"]);
  const verdict = async (id: Root, msg: string) =>
    await verifier.line((line) => line.claim === id && /^claim is/.test(line.msg), `a verdict on ${msg}`, timeout);
  const [right, wrong] = [await verdict(honestId, "solver A"), await verdict(liarId, "solver B")];
  check("it finds the first claim right", right.msg === "claim is right");
  check("it finds the second claim wrong", wrong.msg === "claim is wrong", `to be challenged from ${wrong.from} on`);
  const refuted = await watch.until(({ name }) => name === "ClaimRefuted", "the refutation", timeout);
  await checkRefutation(watch, liarId, fault, refuted);
  await checkMoney(watch, liarId, liarAccount!.address);

  scene("Time passes: the windows of a local chain are skipped, not waited for");
  await skipToFinality(watch, honestId);
  await watch.until(({ name }) => name === "BuildFinalized", "finality", 120);
  const final = watch.ledger.history.builds.get(built.buildId)!;
  check("the build is final through the honest claim", final.finalClaim === honestId);

  scene("The client asks");
  await askAsClient(["result", source, ...revisionArgs, "--config", chain.config, "--json"], folder, tarball, built);

  scene("The reward");
  const due = Number(await watch.chain.contract.rewardDueFrom(built.buildId));
  remark(`${number(await watch.skipTo(due))} seconds skipped until the reward is due`);
  const paid = await watch.until(({ name }) => name === "RewardPaid", "the reward", 120);
  check("the reward goes to the honest solver", watch.nameOf(paid.args.solver) === "solver A");
  for (const [who, one] of [
    ["solver A", honest],
    ["verifier", verifier],
    ["solver B", liar],
  ] as const) {
    check(`${who} ends in order`, (await one.end()) === 0);
  }

  scene("What it took");
  await showFigures(watch, built, liarId);
  watch.chain.close();
}

async function startChain(): Promise<ChainFacts> {
  const config = join(folder, "assay.yaml");
  const chain = new Actor("chain", ["chain", "--port", "0", "--config", config, "--json"], { folder });
  const line = await chain.line(({ rpc }) => rpc !== undefined, "the chain", 60);
  const facts = line as unknown as ChainFacts & { chainId: number; stepVerifier: string };
  say("chain", `id ${facts.chainId}, Assay at ${facts.assay}, step verifier at ${facts.stepVerifier}`);
  return { ...facts, config };
}

/** Starts a daemon with a state directory of its own; all share chain and store. */
async function daemon(name: string, chain: ChainFacts, key: string, args: readonly string[]): Promise<Actor> {
  const file = name.replace(" ", "-");
  const config = join(folder, `${file}.yaml`);
  await writeFile(config, (await readFile(chain.config, "utf8")).replace(/^state: .*$/m, `state: ./state-${file}`));
  return new Actor(file, [...args, "--config", config, "--log-level", "debug"], { key, folder });
}

async function command(args: readonly string[], key?: string): Promise<Record<string, never>> {
  const { status, json, stderr } = await run([...args, "--json"], { folder, ...(key !== undefined && { key }) });
  if (status !== 0) throw new Error(`assay ${args[0]} ended with status ${status}: ${stderr.trim()}`);
  return json;
}
