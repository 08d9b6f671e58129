import { fileURLToPath } from "node:url";
import { parseEther } from "ethers";
import type { ClaimRecord } from "../../../src/chain/records.ts";
import type { Root } from "../../../src/core/bytes.ts";
import type { Actor, LogLine } from "../../../src/demo/actor.ts";
import { run } from "../../../src/demo/actor.ts";
import { type BuildFacts, isRevealBy } from "../../../src/demo/checks.ts";
import { command } from "../../../src/demo/demo.ts";
import { check, ether, number, printTable, remark, say, scene } from "../../../src/demo/screen.ts";
import { Attacker } from "./attackers.ts";
import { HostileWorld, type Party } from "./world.ts";

const clones = 10;
/** Long enough for a slow machine. */
const patience = 1200;

/** Plays the whole demo; notes what holds. */
export async function play(folder: string, seed: number): Promise<void> {
  scene("A chain of another implementation, and machines that share nothing but it and HTTP");
  const world = await HostileWorld.open(folder, seed);
  try {
    await playIn(world);
  } finally {
    await world.close();
  }
}

async function playIn(world: HostileWorld): Promise<void> {
  const { watch } = world;
  const { ledger, chain } = watch;
  const client = await world.party("client");
  const source = [fileURLToPath(new URL("../../..", import.meta.url))];
  const built = (await command(["build", ...source], client.folder)) as unknown as BuildFacts;
  const { buildId } = built;
  await command(["request", ...source, "--reward", "0.05", "--config", client.config], client.folder, client.key);
  await watch.until(({ name }) => name === "BuildRequested", "the request");
  const contents = await world.serveStore(client);
  remark(`the client serves the inputs; blocks come every second, two confirm one`);
  await world.reorganise("after the request", true);

  scene("The first claim is right, and its solver means to give it up");
  const puppet = await world.party("puppet", { mirrors: [contents] });
  const puppetSolver = world.start(puppet, ["solver", "--no-challenge"]);
  await watch.until(isRevealBy(puppet.address), "the puppet's claim", patience, puppetSolver);
  await puppetSolver.end();
  const puppetClaim = claimBy(world, puppet);
  check("the puppet claims what the client's own run has", puppetClaim().fields.finalRoot === built.finalRoot);

  scene("An honest solver and an honest verifier, each behind a bad endpoint and a good one");
  const endpoints = [world.bad.url, world.anvil.url];
  const honest = await world.party("solver", { rpc: endpoints, mirrors: [contents], ether: parseEther("1") });
  const honestSolver = world.start(honest, ["solver", "--no-challenge"]);
  const honestContents = await world.serveStore(honest);
  const verifier = await world.party("verifier", {
    rpc: endpoints,
    mirrors: [honestContents, contents],
    ether: parseEther("0.15"),
  });
  const verifierBefore = await world.balance(verifier);
  const honestBefore = await world.balance(honest);
  const watching = world.start(verifier, ["verifier"]);
  remark(`the verifier has ${ether(verifierBefore)}: one bond of ${ether(chain.parameters.challengerBond)}, and gas`);
  await watching.line(({ msg }) => msg === "claim is right", "a verdict on the puppet's claim", patience);

  scene(`Twelve wrong claims: one that defends itself, ${clones} clones of it, and another that defends itself`);
  const middle = Math.floor(built.ticks / 2);
  const first = await world.party("faulty A", { mirrors: [contents] });
  const second = await world.party("faulty B", { mirrors: [contents] });
  const faulty = [
    world.start(first, ["solver", "--no-challenge", "--fault", `memory@${middle}:1000`]),
    world.start(second, ["solver", "--no-challenge", "--fault", `register@${middle + 1}:2000`]),
  ];
  await watch.until(isRevealBy(first.address), "the first wrong claim", patience, faulty[0]!);
  await world.reorganise("after the first wrong claim", true);
  const cloners: Party[] = [];
  for (let i = 0; i < clones; i++) cloners.push(await world.party(`clone ${i + 1}`));
  await until(world, () => claimBy(world, first)() !== undefined, "the first wrong claim again", faulty[0]!);
  const original = claimBy(world, first)();
  const attackers = await Promise.all(cloners.map(async ({ key }) => await Attacker.enter(watch, key)));
  const cloneIds = await Promise.all(attackers.map(async (attacker) => await attacker.clone(original)));
  await until(world, () => claimBy(world, second)() !== undefined, "the second wrong claim", faulty[1]!);
  await world.reorganise("with all claims revealed", true);
  // What came back too early has failed: the clones are made again.
  await Promise.all(attackers.map(async (attacker) => await attacker.clone(original)));
  const wrong = () =>
    [...ledger.history.claims.values()].filter(
      ({ fields }) => fields.buildId === buildId && fields.finalRoot !== built.finalRoot,
    );
  await until(world, () => wrong().length === clones + 2, "all wrong claims", faulty[1]!);
  check("the wrong claims are there", wrong().length === clones + 2, `${wrong().length} claims, two final states`);
  const challenged = () =>
    wrong().filter(({ claimId }) =>
      ledger.history.challengesTo(claimId).some(({ challenger }) => challenger === verifier.address),
    );
  await until(world, () => challenged().length === clones + 2, "a challenge to every wrong claim", watching);
  const stakes = ledger.history.stakesOn(buildId, verifier.address);
  check(
    "the verifier challenges each of them, all with one bond",
    stakes.length === 1,
    `${challenged().length} challenges`,
  );

  scene("Both faulty solvers defend themselves to the step, while the chain is reorganised again and again");
  const fell = ({ address }: Party) => claimBy(world, { address })().status === "refuted";
  let rounds = 0;
  await until(
    world,
    () => fell(first) && fell(second),
    "both refutations",
    watching,
    async () => {
      if (rounds++ % 20 === 19) await world.reorganise("in the middle of the disputes");
    },
  );
  const causes = [first, second].map((party) => claimBy(world, party)().refutation!.cause);
  check(
    "each falls by a step that the contract has executed",
    causes.every((cause) => cause === "fault"),
    causes.join(", "),
  );

  scene("The puppet concedes when nobody can join the round any more");
  const accomplice = await world.party("accomplice");
  const [puppeteer, helper] = await Promise.all(
    [puppet, accomplice].map(async ({ key }) => await Attacker.enter(watch, key)),
  );
  await helper!.challenge(puppetClaim());
  await world.skip(Math.max(0, puppetClaim().joinDeadline - ledger.now) + 1);
  /** Again, where a reorganisation has undone it. */
  const concede = async () => {
    await helper!.challenge(puppetClaim());
    await puppeteer!.concede(puppetClaim(), helper!);
  };
  await concede();
  await world.reorganise("after the concession");
  await concede();
  const left = ledger.history.openClaims(buildId);
  check(
    "now only wrong claims stand",
    left.length > 0 && left.every(({ fields }) => fields.finalRoot !== built.finalRoot),
  );
  check(
    "and none of them can become final: each is challenged",
    left.every(({ claimId }) => isChallenged(world, claimId)),
  );

  scene("The clones say nothing: their time runs out");
  await world.skip(chain.parameters.solverBudgetSeconds + 1);
  await until(world, () => wrong().every(({ status }) => status === "refuted"), "the fall of all clones", watching);
  check(
    "every wrong claim is refuted",
    wrong().every(({ status }) => status === "refuted"),
    `${cloneIds.length} by time-out`,
  );

  scene("The round is over: the honest solver claims in the next");
  const isHonest = ({ solver }: ClaimRecord) => solver === honest.address;
  await until(world, () => [...ledger.history.claims.values()].some(isHonest), "the honest claim", honestSolver);
  await world.reorganise("after the honest claim");
  const alone = () => {
    const [one, ...others] = ledger.history.openClaims(buildId);
    return one !== undefined && isHonest(one) && others.length === 0 ? one : undefined;
  };
  await until(world, () => alone() !== undefined, "the honest claim again, and no other", honestSolver);
  const { claimId } = alone()!;
  const isVerdict = ({ msg, claim }: LogLine) => msg === "claim is right" && claim === claimId;
  await watching.line(isVerdict, "a verdict on the honest claim", patience);
  await world.skip(ledger.finalizableFrom(alone()!) - ledger.now);
  const final = () => ledger.history.builds.get(buildId)?.finalClaim;
  await until(world, () => final() !== undefined, "finality", honestSolver);
  await world.reorganise("after finality");
  await until(world, () => final() !== undefined, "finality again", honestSolver);
  check("the build is final through the honest claim", final() === claimId);
  check(
    "with the final state that the client's own run has",
    ledger.history.builds.get(buildId)!.finalRoot === built.finalRoot,
  );
  await until(world, () => ledger.history.builds.get(buildId)!.rewardPaid, "the reward", honestSolver);
  await until(
    world,
    () => ledger.history.stakesOn(buildId, verifier.address).every(({ status }) => status === "returned"),
    "the stake back",
    watching,
  );
  await until(
    world,
    async () =>
      (await chain.contract.owed(honest.address)) <= 1n && (await chain.contract.owed(verifier.address)) <= 1n,
    "both withdrawals",
    watching,
  );
  const result = await run(["result", ...source, "--wait", String(patience), "--config", client.config, "--json"], {
    folder: client.folder,
  });
  check("the client is told so", result.status === 0, String(result.json.verdict));
  for (const [name, actor] of [
    ["solver", honestSolver],
    ["verifier", watching],
  ] as const) {
    const errors = actor.lines.filter(({ level }) => level === "error").map(({ msg }) => msg);
    const status = await actor.end();
    check(`the ${name} has missed no duty: exit status 0`, status === 0, errors.join("; "));
  }

  scene("What it cost");
  const gas = await gasPaid(world);
  const verifierAfter = await world.balance(verifier);
  check(
    "the verifier is poorer by gas at most",
    verifierAfter + (gas.get(verifier.address) ?? 0n) >= verifierBefore,
    `it has ${signed(verifierAfter - verifierBefore)}`,
  );
  await showLosses(
    world,
    [
      [honest, honestBefore],
      [verifier, verifierBefore],
      ...[puppet, accomplice, first, second, ...cloners].map((party) => [party, parseEther("10000")] as const),
    ],
    gas,
  );
  const faults = [...world.bad.done].map(([what, times]) => `${what}: ${times}`).join(", ");
  remark(`the bad endpoint ${faults}`);
  remark(`the chain was reorganised ${world.reorganiser.count} times`);
  check("the endpoint did all that it can", world.bad.done.size >= 6, `${number(world.bad.done.size)} kinds of fault`);
}

/** Waits until something holds on the chain. @param meanwhile done before each look. */
async function until(
  { watch }: HostileWorld,
  holds: () => boolean | Promise<boolean>,
  what: string,
  doer: Actor,
  meanwhile: () => Promise<void> = async () => {},
): Promise<void> {
  const deadline = Date.now() + patience * 1000;
  for (;;) {
    await watch.look();
    if (await holds()) return;
    if (Date.now() > deadline)
      throw new Error(`no sign of ${what} within ${patience} s; ${doer.failure ?? "see the logs"}`);
    await meanwhile();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function claimBy({ watch }: HostileWorld, { address }: Pick<Party, "address">): () => ClaimRecord {
  return () => [...watch.ledger.history.claims.values()].find(({ solver }) => solver === address)!;
}

function isChallenged({ watch }: HostileWorld, claimId: Root): boolean {
  return watch.ledger.history.challengesTo(claimId).some(({ status }) => status === "open");
}

/** What each account has paid for gas. Wei. */
async function gasPaid({ anvil }: HostileWorld): Promise<ReadonlyMap<string, bigint>> {
  const paid = new Map<string, bigint>();
  const head = await anvil.provider.getBlockNumber();
  for (let at = 0; at <= head; at++) {
    const block = await anvil.provider.getBlock(at, true);
    for (const { from, hash } of block?.prefetchedTransactions ?? []) {
      const receipt = await anvil.provider.getTransactionReceipt(hash);
      if (receipt !== null) paid.set(from, (paid.get(from) ?? 0n) + receipt.fee);
    }
  }
  return paid;
}

async function showLosses(
  world: HostileWorld,
  parties: readonly (readonly [Party, bigint])[],
  gas: ReadonlyMap<string, bigint>,
): Promise<void> {
  const rows: string[][] = [];
  for (const [party, before] of parties) {
    const after = await world.balance(party);
    rows.push([party.name, signed(after - before), ether(gas.get(party.address) ?? 0n)]);
  }
  printTable(["who", "gain or loss", "of it gas"], rows);
  say("everybody", "who claimed what is wrong has lost its bond; half of each at least is burned");
}

function signed(wei: bigint): string {
  return wei < 0n ? `-${ether(-wei)}` : `+${ether(wei)}`;
}
