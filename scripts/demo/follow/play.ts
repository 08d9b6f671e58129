import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../../src/demo/actor.ts";
import { startChain } from "../../../src/demo/demo.ts";
import { check, remark, say, scene, short } from "../../../src/demo/screen.ts";
import { createAgent, killAndRestart, resultOf, signWrong, startFollowing } from "./agents.ts";
import { ask, type DiffAnswer, fetchContent, writePolicy } from "./client.ts";
import { configure, finalize } from "./finality.ts";
import { Network } from "./network.ts";
import { createProject } from "./project.ts";
import { passOn } from "./summary.ts";

const password = "a password of the demo";

/** Plays the whole demo; notes what holds. */
export async function play(folder: string): Promise<void> {
  scene("A project describes its build in its own repository");
  const network = await Network.open(folder);
  remark(
    network.isReal
      ? "each party has a network namespace of its own, and sees no folder but its own"
      : "network namespaces are not permitted here: each party has a folder of its own, and all are on the loopback address",
  );
  const project = await createProject(network);
  const { repository, environment } = project;
  say("project", `${repository}: .assay/tasks.yaml has the task "release"`);

  scene("Three agents follow it; each has its own key, folder and server, and none knows of the others");
  const [alice, bob, carol] = await Promise.all([
    createAgent(network, "alice", password, environment),
    createAgent(network, "bob", password, environment),
    createAgent(network, "carol", password, environment),
  ]);
  const agents = [alice, bob, carol];
  const ofAlice = startFollowing(alice, repository);
  const killed = startFollowing(bob, repository);
  const commit = await project.push("src/main.js", 'console.log("hello");\n', "Say hello");
  say("project", `has a new commit ${commit.slice(0, 12)}`);
  say("bob", "is killed while it builds, and started again");
  const { restarted: ofBob, result: resultOfBob } = await killAndRestart(bob, killed, repository, commit);
  const artifact = String(resultOfBob.artifact);
  const same = (await resultOf(ofAlice, commit)).artifact === artifact;
  check("alice and bob come to the same artifact", same, short(artifact));

  scene("The third runs the build in a machine that changes one bit of the source on the way");
  const wrong = await signWrong(carol, password, repository, commit);
  say("carol", `signs that commit ${commit.slice(0, 12)} gives ${short(wrong)}`);

  scene("A client, whose policy asks for two of the three that have run the build themselves");
  const client = await network.join("client", environment);
  const keys = Object.fromEntries(agents.map(({ name, keyId }) => [name, keyId]));
  const builders = { builders: { least: 2, of: agents.map(({ name }) => name), independent: true } };
  const from = agents.map(({ url }) => url);
  await writePolicy(client, "policy.yaml", { keys, require: builders, from });
  if (network.isReal) {
    const { status } = await run([alice.store], { ...client, program: ["ls"] });
    check("the client does not see the folders of the agents", status !== 0);
  }
  const size = await fetchContent(client, artifact, "good.tar.gz", from);
  remark(`the artifact comes over HTTP by its sha256: ${size} bytes`);
  const good = await ask(client, "good.tar.gz", ["--keep", "kept"]);
  check("the artifact is accepted", good.status === 0, good.answer.decision);
  check("because of two of the three", good.answer.answers[0]?.agree.join(" ") === "alice bob");
  check("and the third is named", good.answer.answers[0]?.mismatches.map(({ name }) => name).join(" ") === "carol");
  await fetchContent(client, wrong, "bad.tar.gz", [carol.url]);
  const bad = await ask(client, "bad.tar.gz");
  check("the third's artifact is refused", bad.status === 5, bad.answer.decision);

  scene("In what the third differs");
  const build = good.answer.answers[0]!.buildId;
  const both = [alice, carol].flatMap(({ url }) => ["--from", url]);
  const compared = await run(["diff", `${build}@${alice.keyId}`, `${build}@${carol.keyId}`, ...both, "--json"], client);
  const { contents, parting } = compared.json as unknown as DiffAnswer;
  const differences = contents.flatMap((one) => one.differences);
  const inData = differences.find(({ path }) => path.endsWith("data/numbers"));
  check("in one file of the artifact, which is named", inData !== undefined && differences.length === 1, inData?.path);
  for (const { path, what, first, second } of differences) remark(`${path}: ${what}: ${first} / ${second}`);
  check(
    "and in the states of its run, from a checkpoint on that is named",
    parting?.checkpoint !== undefined,
    `checkpoint ${parting?.checkpoint}: between ticks ${parting?.fromTick} and ${parting?.toTick}`,
  );

  scene("One of the two servers with the right result cannot be asked");
  await writePolicy(client, "withheld.yaml", { keys, require: builders, from: [carol.url, alice.url] });
  const withheld = await ask(client, "good.tar.gz", ["--policy", "withheld.yaml"]);
  check("one signature is not enough: undecided", withheld.status === 3, withheld.answer.decision);

  scene("The same build becomes final on a chain, and the policy may ask for that too");
  await mkdir(join(folder, "chain"));
  const local = await startChain(join(folder, "chain"), ["releaseTarball"]);
  const chain = { ...local, reachable: await network.reach(local.rpc) };
  const config = await configure(client, chain, []);
  const main = { chainId: 31337, assay: chain.assay };
  const require = { all: [{ chain: "main" }, builders] };
  await writePolicy(client, "strict.yaml", { keys, chains: { main }, require, from });
  const strictly = ["--policy", "strict.yaml", "--config", config];
  const early = await ask(client, "good.tar.gz", strictly);
  check("before that it is undecided", early.status === 3, early.answer.decision);
  await finalize(network, chain, { repository, commit, environment, client, config, agents: [alice, bob] });
  const late = await ask(client, "good.tar.gz", strictly);
  check(
    "afterwards it is accepted, by builders and chain",
    late.status === 0 && late.answer.answers[0]!.agree.join(" ") === "alice bob main",
    late.answer.answers[0]?.agree.join(" "),
  );

  scene("The client signs what it has verified, for others");
  await passOn(client, "good.tar.gz", strictly);

  for (const [name, follower] of Object.entries({ alice: ofAlice, bob: ofBob }))
    check(`${name} ends in order`, (await follower.end()) === 0);

  scene("The client checks again offline, from what it has kept");
  await writePolicy(client, "offline.yaml", { keys, require: builders, from: ["file:./kept"] });
  const offline = await ask(client.offline, "good.tar.gz", ["--policy", "offline.yaml", "--offline"]);
  const way = network.isReal ? "without a network" : "with --offline";
  check(`${way} the answer is the same`, offline.status === 0 && offline.answer.faults.length === 0);
}
