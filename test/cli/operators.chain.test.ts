import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Wallet } from "ethers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAssaySender } from "../../src/chain/assay.ts";
import { assayCalls } from "../../src/chain/claims.ts";
import { defaultFeePolicy } from "../../src/chain/outbox/call.ts";
import { AgentWorld } from "../support/agentWorld.ts";
import { type SignerServer, signedBy, startSigner } from "../support/signerServer.ts";
import { runAssay, SpawnedDaemon } from "../support/spawned.ts";

let world: AgentWorld;
let wallet: Wallet;
let signer: SignerServer;
let daemon: SpawnedDaemon | undefined;
beforeAll(async () => {
  world = await AgentWorld.start();
  wallet = await world.wallet();
  signer = await startSigner(async (request) => await signedBy(wallet, request));
});
afterAll(async () => {
  await daemon?.kill();
  await signer.close();
  await world.close();
});

/** A configuration whose key is with the signer, and whose metrics are served at a port. The chain's clock is not the host's. */
async function configFile(name: string, port: number, state = "remote"): Promise<string> {
  const file = join(world.folder, `${name}.yaml`);
  const key = `key: { remote: { url: "${signer.url}", address: "${wallet.address}" } }\n`;
  const metrics = `{ port: ${port}, silentPolls: 1000, maxHeadAgeSeconds: 1000000 }`;
  await writeFile(file, `${world.configuration(state)}${key}metrics: ${metrics}\n`);
  return file;
}

async function json(args: readonly string[]) {
  const { status, stdout, stderr } = await runAssay([...args, "--json"], { folder: world.folder });
  return { status, stderr, data: stdout === "" ? undefined : JSON.parse(stdout) };
}

it("a solver without a key claims and defends through a remote signer, and `assay status` says how it stands", async () => {
  const config = await configFile("remote", 0);
  const start = () => new SpawnedDaemon(["solver", "--config", config], { folder: world.folder, key: "" });
  daemon = start();
  const buildId = await world.request(await world.source("remote"));
  await world.until("the commitment", ({ ledger }) => ledger.history.commitments.size > 0 || world.claimOf(wallet));
  const saltFile = join(world.stateFolder("remote"), "salt.key");
  const salt = await readFile(saltFile, "utf8");
  expect((await stat(saltFile)).mode & 0o777).toBe(0o600);

  // A new process finds the commitment by the salt in the file, and reveals it.
  await daemon.kill();
  daemon = start();
  const claim = await world.until("the claim", () => world.claimOf(wallet));
  expect(await readFile(saltFile, "utf8")).toBe(salt);
  expect([...world.ledger.history.claims.values()]).toHaveLength(1);

  const challenger = await world.wallet();
  const sender = await createAssaySender(world.chain, challenger, defaultFeePolicy);
  const { challenge } = assayCalls(world.deployment.assay);
  const { challengerBond, solverBond } = world.chain.parameters;
  await sender.send(challenge(claim.reference, claim.details, { kind: "whole" }, 0n, challengerBond));
  const disputed = await world.until("the answer", ({ ledger }) =>
    [...ledger.history.challenges.values()].find(({ roots }) => roots.length > 0),
  );
  expect(new Set(signer.requests.map(({ method }) => method))).toEqual(new Set(["eth_signTransaction"]));

  const served = await world.until("the port", () => daemon!.lines.find(({ url }) => url !== undefined));
  const withPort = await configFile("withPort", Number(new URL(String(served.url)).port));
  const own = await json(["status", "--config", withPort]);
  expect(own, own.stderr).toMatchObject({
    status: 0,
    data: {
      address: wallet.address,
      lockedBonds: solverBond.toString(),
      owed: "0",
      pending: [],
      duties: [],
      claims: [{ claim: claim.claimId, build: buildId, outcome: "open", openChallenges: 1 }],
      daemon: { answers: true, healthy: true, daemon: "solver", reasons: [] },
    },
  });
  await world.until("the receipt", () => daemon!.lines.find(({ msg, kind }) => msg === "moved" && kind === "postRow"));
  const metrics = await (await fetch(`${served.url}/metrics`)).text();
  expect(metrics).toContain('assay_locked_bonds_ether{daemon="solver"} 0.2');
  expect(metrics).toContain('assay_moves_total{kind="postRow",daemon="solver"} 1');

  const { data } = await json(["status", "--config", config, "--address", challenger.address]);
  expect(data).toMatchObject({
    lockedBonds: challengerBond.toString(),
    duties: [{ kind: "select", side: "challenger", claim: claim.claimId, challenge: disputed.id }],
    stakes: [{ buildId, stakeNumber: "0" }],
    daemon: { answers: false },
  });
  expect(data.duties[0].secondsLeft).toBeGreaterThan(0);
  expect(data.duties[0].secondsLeft).toBeLessThanOrEqual(world.chain.parameters.challengerBudgetSeconds);
  const { stdout } = await runAssay(["status", "--config", withPort], { folder: world.folder });
  expect(stdout).toMatch(/^daemon +solver, healthy, last round \d+ s ago$/m);

  const watched = await json(["monitor", "--once", "--near", "100000", "--config", withPort]);
  expect(watched, watched.stderr).toMatchObject({
    status: 0,
    data: {
      claims: [{ claim: claim.claimId, verdict: "right", forecast: "final", outcome: "open", openChallenges: 1 }],
      alerts: [{ alert: "deadline-near", side: "challenger", challenge: disputed.id, severe: false }],
    },
  });
  expect(await daemon.stop()).toBe(0);
});

it("a daemon whose port is taken ends with one sentence and status 1", async () => {
  const { port } = new URL(signer.url);
  const config = await configFile("taken", Number(port), "taken");
  const { status, stderr } = await runAssay(["verifier", "--once", "--config", config], { folder: world.folder });
  expect(stderr).toBe(
    `assay: port ${port} of 127.0.0.1 is taken by another process: set metrics.port or metrics.host to another one [agents/port-taken]\n`,
  );
  expect(status).toBe(1);
});
