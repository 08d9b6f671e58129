import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Root } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { Actor, type Place, run } from "./actor.ts";
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
import { bold, check, number, remark, say, scene, short } from "./screen.ts";
import { stage } from "./stage.ts";
import { type Names, Watch } from "./watch.ts";

/** Ether on the build. */
const reward = "0.05";

/** A build, a wrong claim about it, and what is checked in the end. */
export interface Demo {
  /** Arguments that name the build, for all commands: source, revision, environment, command. */
  readonly build: readonly string[];
  /** Environments that the daemons take. */
  readonly environments: readonly string[];
  /** What the artifact is called in the demo, and its file name. */
  readonly artifact: { readonly name: string; readonly file: string };
  /** What the second solver does, in a sentence, and where it goes wrong. */
  readonly wrong: string;
  readonly fault: (built: BuildFacts) => Promise<Fault>;
  /** Looks at the artifact. */
  readonly inspect?: (artifact: string, folder: string) => Promise<void>;
}

/** A fault of the solver's: `kind` as its command line has it. */
export interface Fault {
  readonly kind: string;
  readonly tick: number;
  readonly step: number;
}

/** A local chain, and the file that configures who uses it. */
export interface ChainFacts {
  readonly rpc: string;
  readonly assay: string;
  readonly config: string;
  readonly accounts: readonly { readonly address: string; readonly key: string }[];
}

/** Runs a command of `assay` and returns the JSON that it prints. @throws when it fails */
export async function command(
  args: readonly string[],
  where: string | Place,
  key?: string,
): Promise<Record<string, never>> {
  const place = typeof where === "string" ? { folder: where } : where;
  const { status, json, stderr } = await run([...args, "--json"], { ...place, ...(key !== undefined && { key }) });
  if (status !== 0)
    throw new AssayError("demo/command-failed", `assay ${args[0]} ended with status ${status}: ${stderr.trim()}`);
  return json;
}

/**
 * Plays a demo from the request to the reward, with every party in a process of its own; sets the exit status.
 * @param isOpen whether the explorer then shows what has happened, in a browser, until it is interrupted.
 */
export async function playDemo(demo: Demo, isOpen = false): Promise<void> {
  let chain: ChainFacts | undefined;
  await stage(
    async (folder) => {
      chain = await play(demo, folder);
    },
    isOpen ? async (folder) => await explore(folder, chain!) : undefined,
  );
}

/** Serves the explorer until it is interrupted. */
async function explore(folder: string, chain: ChainFacts): Promise<void> {
  const args = ["explorer", "--open", "--port", "0", "--json", "--config", chain.config];
  const explorer = new Actor("explorer", args, { folder });
  const { url } = await explorer.line((line) => line.url !== undefined, "the explorer", 60);
  console.log(`\nThe explorer shows it at ${bold(String(url))} until you press Ctrl-C.`);
  await explorer.ended;
}

async function play(demo: Demo, folder: string): Promise<ChainFacts> {
  scene("A chain, and somebody who wants to know what a source builds to");
  const chain = await startChain(folder, demo.environments);
  const [, clientAccount, honestAccount, wrongAccount, verifierAccount] = chain.accounts;
  const names: Names = new Map([
    [clientAccount!.address.toLowerCase(), "client"],
    [honestAccount!.address.toLowerCase(), "solver A"],
    [wrongAccount!.address.toLowerCase(), "solver B"],
    [verifierAccount!.address.toLowerCase(), "verifier"],
  ]);
  const watch = await Watch.open(chain.rpc, chain.assay, names);
  const artifact = join(folder, demo.artifact.file);
  const built = (await command(["build", ...demo.build, "--artifact", artifact], folder)) as unknown as BuildFacts;
  say(
    "client",
    `has ${demo.artifact.name} that is said to come from ${built.source.name}: ${built.source.entries} files`,
  );
  remark(`${artifact}: ${number(Number(built.artifactSize))} bytes, sha256 ${short(built.artifactSha256)}`);
  const result = ["result", ...demo.build, "--config", chain.config, "--json"];
  const requested = await command(
    ["request", ...demo.build, "--reward", reward, "--config", chain.config],
    folder,
    clientAccount!.key,
  );
  await watch.until(({ name }) => name === "BuildRequested", "the request");
  check(
    "the build id computed from the source alone is the machine's first state",
    requested.buildId === built.buildId,
  );
  const early = await run(result, { folder });
  check("nothing is final yet, and the client is told so", early.status === 3, `exit status ${early.status}`);

  scene("An honest solver runs the build and claims it");
  const timeout = 300 + 20 * built.seconds;
  const honest = await daemon(folder, "solver A", chain, honestAccount!.key, ["solver", "--no-challenge"]);
  const honestClaim = await watch.until(isRevealBy(honestAccount!.address), "the honest claim", timeout, honest);
  const honestId = honestClaim.args.claimId as Root;
  const claimed = watch.ledger.history.claims.get(honestId)!;
  check("its final state is the one that the client's own run has", claimed.fields.finalRoot === built.finalRoot);

  scene(`A second solver claims something else: ${demo.wrong}`);
  const fault = await demo.fault(built);
  const wrongSolver = await daemon(folder, "solver B", chain, wrongAccount!.key, [
    "solver",
    "--no-challenge",
    "--fault",
    `${fault.kind}@${fault.tick}:${fault.step}`,
  ]);
  const wrongClaim = await watch.until(isRevealBy(wrongAccount!.address), "the wrong claim", timeout, wrongSolver);
  const liarId = wrongClaim.args.claimId as Root;
  check("two claims contradict each other: neither can become final", await isContradicted(watch, built.buildId));

  scene("A verifier, which knows nothing of who is honest, runs the build again");
  const verifier = await daemon(folder, "verifier", chain, verifierAccount!.key, ["verifier"]);
  const verdict = async (id: Root, msg: string) =>
    await verifier.line((line) => line.claim === id && /^claim is/.test(line.msg), `a verdict on ${msg}`, timeout);
  const [right, wrong] = [await verdict(honestId, "solver A"), await verdict(liarId, "solver B")];
  check("it finds the first claim right", right.msg === "claim is right");
  check("it finds the second claim wrong", wrong.msg === "claim is wrong", `its own run ends in ${wrong.own}`);
  const refuted = await watch.until(({ name }) => name === "ClaimRefuted", "the refutation", timeout, verifier);
  await checkRefutation(watch, liarId, fault, refuted);
  await checkMoney(watch, liarId, wrongAccount!.address);

  scene("Time passes: the windows of a local chain are skipped, not waited for");
  await skipToFinality(watch, honestId);
  await watch.until(({ name }) => name === "BuildFinalized", "finality", 120);
  const final = watch.ledger.history.builds.get(built.buildId)!;
  check("the build is final through the honest claim", final.finalClaim === honestId);

  scene("The client asks");
  await askAsClient(result, folder, artifact, built);
  await demo.inspect?.(artifact, folder);

  scene("The reward");
  remark("no claim of the build is open any more: it is due at once");
  const paid = await watch.until(({ name }) => name === "RewardPaid", "the reward", 120);
  check("the reward goes to the honest solver", watch.nameOf(paid.args.solver) === "solver A");
  const returned = await watch.until(({ name }) => name === "StakeReturned", "the verifier's stake", 120);
  check("the verifier has its stake back", watch.nameOf(returned.args.challenger) === "verifier");
  for (const [who, one] of [
    ["solver A", honest],
    ["verifier", verifier],
  ] as const) {
    check(`${who} ends in order`, (await one.end()) === 0);
  }
  check(
    "solver B, whose own run differs, ends with the status of a wrong result that is final",
    (await wrongSolver.end()) === 9,
  );

  scene("What it took");
  await showFigures(watch, built, liarId);
  watch.chain.close();
  return chain;
}

/** Starts a local chain with everything deployed. */
export async function startChain(folder: string, environments: readonly string[]): Promise<ChainFacts> {
  const config = join(folder, "assay.yaml");
  const chain = new Actor("chain", ["chain", "--port", "0", "--config", config, "--json"], { folder });
  const line = await chain.line(({ rpc }) => rpc !== undefined, "the chain", 60);
  const facts = line as unknown as ChainFacts & { chainId: number; stepVerifier: string };
  say("chain", `id ${facts.chainId}, Assay at ${facts.assay}, step verifier at ${facts.stepVerifier}`);
  // Nobody else is on this chain: a busy machine need not be able to answer the default's 64 challenges at once.
  const limits = `limits: { environments: [${environments.join(", ")}], parallelChallenges: 4 }\n`;
  await writeFile(config, `${await readFile(config, "utf8")}${limits}`);
  return { ...facts, config };
}

/** Starts a daemon with a state directory of its own; all share chain and store. */
export async function daemon(
  folder: string,
  name: string,
  chain: ChainFacts,
  key: string,
  args: readonly string[],
): Promise<Actor> {
  const file = name.replace(" ", "-");
  const config = join(folder, `${file}.yaml`);
  await writeFile(config, (await readFile(chain.config, "utf8")).replace(/^state: .*$/m, `state: ./state-${file}`));
  return new Actor(file, [...args, "--config", config, "--log-level", "debug"], { key, folder });
}
