import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { buildIn } from "../../../src/attestation/buildResult.ts";
import { parseBundle } from "../../../src/attestation/bundle.ts";
import { statementIn } from "../../../src/attestation/statement.ts";
import type { Root } from "../../../src/core/bytes.ts";
import { Actor, type LogLine } from "../../../src/demo/actor.ts";
import { isRevealBy, skipToFinality } from "../../../src/demo/checks.ts";
import { type ChainFacts, command } from "../../../src/demo/demo.ts";
import { check, say } from "../../../src/demo/screen.ts";
import { Watch } from "../../../src/demo/watch.ts";
import type { Agent } from "./agents.ts";
import type { Network, Party } from "./network.ts";
import { patience } from "./patience.ts";
import { scriptProgram } from "./script.ts";
import { serveStore } from "./storeServer.ts";

/** The chain, and its address for those who are not where it is. */
export interface SharedChain extends ChainFacts {
  readonly reachable: string;
}

/** The content that the build of an agent's result is made of. */
async function inputOf({ store }: Agent): Promise<{ readonly sha256: string; readonly size: number }> {
  const folder = join(store, "attestations", "build");
  const [name] = await readdir(folder);
  const [envelope] = parseBundle(await readFile(join(folder, name!), "utf8")).envelopes;
  return buildIn(statementIn(envelope!)).input!;
}

/** Writes the configuration of a party: the chain, a store of its own, and addresses from which contents are read. @returns the file. */
export async function configure(party: Party, chain: SharedChain, addresses: readonly string[]): Promise<string> {
  const stores = [{ url: "file:./store", write: true }, ...addresses];
  const text = (await readFile(chain.config, "utf8"))
    .replace(/^rpc: .*$/m, `rpc: ${chain.reachable}`)
    .replace(/^stores:\n(?: +.*\n)+/m, stringify({ stores }));
  const file = join(party.folder, "assay.yaml");
  await writeFile(file, text);
  return file;
}

/**
 * A service that pins the build's input for IPFS: it fetches it over HTTP and makes an archive of blocks. Its gateway gives that out, and
 * what is one block from wherever it is. @returns its address, and the log of what it was asked for
 */
async function pin(network: Network, chain: SharedChain, input: string, from: readonly string[]) {
  const party = await network.join("gateway");
  const config = await configure(party, chain, from);
  const { cid } = await command(["store", "car", `sha256:${input}`, "--to", "input.car", "--config", config], party);
  const program = scriptProgram("ipfsGateway.ts");
  const server = new Actor("server", ["input.car", "store", party.address, ...from], { ...party, program });
  const { url } = await server.line((line) => line.url !== undefined, "the gateway's address", patience);
  return { url: String(url), cid: String(cid), server };
}

export interface Finalized {
  readonly repository: string;
  readonly commit: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Who asks for it, with its configuration. */
  readonly client: Party;
  readonly config: string;
  /** The agents, whose servers have the input. */
  readonly agents: readonly Agent[];
}

/**
 * A request, a claim by a solver that reads the input over HTTP, a verifier that reads it from IPFS and finds the claim right, and the end
 * of its window.
 */
export async function finalize(network: Network, chain: SharedChain, what: Finalized): Promise<void> {
  const { repository, commit, environment, client, config, agents } = what;
  const [, clientAccount, solverAccount, verifierAccount] = chain.accounts;
  const names = new Map([
    [clientAccount!.address.toLowerCase(), "client"],
    [solverAccount!.address.toLowerCase(), "solver"],
    [verifierAccount!.address.toLowerCase(), "verifier"],
  ]);
  const [solving, verifying] = [await network.join("solver", environment), await network.join("verifier", environment)];
  const mirrors = [...agents.map(({ url }) => url), await serveStore(client)];
  const input = await inputOf(agents[0]!);
  const gateway = await pin(network, chain, input.sha256, [...mirrors, await serveStore(solving)]);
  say("gateway", `has the input, ${input.size} bytes, as ${gateway.cid}`);
  const watch = await Watch.open(chain.rpc, chain.assay, names);
  try {
    const start = async (party: Party, key: string, from: readonly string[], ...more: string[]) => {
      const args = [party.name, ...more, "--config", await configure(party, chain, from), "--log-level", "debug"];
      return new Actor(party.name, args, { ...party, key });
    };
    const request = ["request", repository, "--rev", commit, "--reward", "0.05", "--config", config];
    await command(request, client, clientAccount!.key);
    const solver = await start(solving, solverAccount!.key, mirrors, "--no-challenge");
    const { args } = await watch.until(isRevealBy(solverAccount!.address), "the claim", patience, solver);
    const ofIpfs = [gateway.url, `ipfs+${gateway.url}`];
    const verifier = await start(verifying, verifierAccount!.key, ofIpfs);
    const isVerdict = (line: LogLine) => line.claim === args.claimId && /^claim is/.test(line.msg);
    const verdict = await verifier.line(isVerdict, "a verdict", patience);
    check("a verifier that has all from IPFS finds the claim right", verdict.msg === "claim is right");
    const isArchive = ({ msg, path }: LogLine) => msg === "given" && String(path).includes(gateway.cid);
    check("the gateway has given it the input block by block", gateway.server.lines.some(isArchive));
    await skipToFinality(watch, args.claimId as Root);
    await watch.until(({ name }) => name === "BuildFinalized", "finality", patience, solver);
    for (const [who, one] of Object.entries({ solver, verifier }))
      check(`the ${who} ends in order`, (await one.end()) === 0);
  } finally {
    watch.chain.close();
  }
}
