import { execFileSync } from "node:child_process";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { devNull } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Root } from "../../../src/core/bytes.ts";
import { type Actor, run } from "../../../src/demo/actor.ts";
import { isRevealBy, skipToFinality } from "../../../src/demo/checks.ts";
import { command, daemon, startChain } from "../../../src/demo/demo.ts";
import { check, remark, say, scene, short } from "../../../src/demo/screen.ts";
import { Watch } from "../../../src/demo/watch.ts";
import { mirrorSource } from "../../../src/store/mirrors.ts";
import { type Agent, createAgent, startFollowing } from "./agents.ts";
import { passOn } from "./summary.ts";
import { resultIn, signWrong } from "./wrongAgent.ts";

const patience = 600;
const password = "a password of the demo";
const tasks = "version: 1\ntasks:\n  release:\n    environment: releaseTarball\n";

interface CheckAnswer {
  readonly decision: string;
  readonly answers: readonly {
    readonly agree: readonly string[];
    readonly mismatches: readonly { readonly name: string }[];
  }[];
  readonly faults: readonly unknown[];
}

/** Plays the whole demo; notes what holds. */
export async function play(folder: string): Promise<void> {
  scene("A project describes its build in its own repository");
  const { repository, work } = await createProject(folder);
  say("project", `${repository}: .assay/tasks.yaml has the task "release"`);

  scene("Three agents follow it; each has its own key, folder and server, and none knows of the others");
  const [alice, bob, carol] = await Promise.all(
    ["alice", "bob", "carol"].map((name) => createAgent(folder, name, password)),
  );
  const agents = [alice!, bob!, carol!];
  const followers = [alice!, bob!].map((agent) => startFollowing(agent, repository));
  const commit = push(work, "src/main.js", 'console.log("hello");\n', "Say hello");
  say("project", `has a new commit ${commit.slice(0, 12)}`);
  const done = await Promise.all(followers.map(async (follower) => await resultOf(follower, commit)));
  const artifact = String(done[0]!.artifact);
  check(
    "both agents come to the same artifact",
    done.every((line) => line.artifact === artifact),
    short(artifact),
  );

  scene("The third signs what it has built from a source with one line more");
  const tampered = await signTampered(folder, work, repository, commit, carol!);
  say("carol", `signs that commit ${commit.slice(0, 12)} gives ${short(tampered.sha256)}`);

  scene("A client, whose policy asks for two of the three");
  const client = join(folder, "client");
  await mkdir(client);
  const keys = Object.fromEntries(agents.map(({ name, keyId }) => [name, keyId]));
  const builders = { builders: { least: 2, of: agents.map(({ name }) => name) } };
  const from = agents.map(({ url }) => url);
  await writeFile(join(client, "policy.yaml"), stringify({ version: 1, keys, require: builders, from }));
  const bytes = await mirrorSource(from).get(`sha256:${artifact}`, 2 ** 24);
  await writeFile(join(client, "good.tar.gz"), bytes);
  remark(`the artifact comes over HTTP by its sha256: ${bytes.length} bytes`);
  const good = await ask(client, "good.tar.gz");
  check("the artifact is accepted", good.status === 0, good.answer.decision);
  check("because of two of the three", good.answer.answers[0]!.agree.join(" ") === "alice bob");
  check("and the third is named", good.answer.answers[0]!.mismatches.map(({ name }) => name).join(" ") === "carol");
  await cp(tampered.file, join(client, "bad.tar.gz"));
  const bad = await ask(client, "bad.tar.gz");
  check("the third's artifact is refused", bad.status === 5, bad.answer.decision);

  scene("One of the two servers with the right result cannot be asked");
  await writeFile(
    join(client, "withheld.yaml"),
    stringify({ version: 1, keys, require: builders, from: [carol!.url, alice!.url] }),
  );
  const withheld = await ask(client, "good.tar.gz", ["--policy", "withheld.yaml"]);
  check("one signature is not enough: undecided", withheld.status === 3, withheld.answer.decision);

  scene("The same build becomes final on a chain, and the policy may ask for that too");
  const chain = await startChain(folder, ["releaseTarball"]);
  const main = { chainId: 31337, assay: chain.assay };
  const strict = { version: 1, keys, chains: { main }, require: { all: [{ chain: "main" }, builders] }, from };
  await writeFile(join(client, "strict.yaml"), stringify(strict));
  const strictly = ["--policy", "strict.yaml", "--config", chain.config];
  const early = await ask(client, "good.tar.gz", strictly);
  check("before that it is undecided", early.status === 3, early.answer.decision);
  await finalize(folder, chain, repository, commit);
  const late = await ask(client, "good.tar.gz", strictly);
  check(
    "afterwards it is accepted, by builders and chain",
    late.status === 0 && late.answer.answers[0]!.agree.length === 3,
  );

  scene("The client signs what it has verified, for others");
  await passOn(client, "good.tar.gz", strictly, alice!.passwordFile);

  scene("The client checks again offline");
  const copies = agents.map(({ store }) => `file://${store}`);
  await writeFile(join(client, "offline.yaml"), stringify({ version: 1, keys, require: builders, from: copies }));
  const offline = await ask(client, "good.tar.gz", ["--policy", "offline.yaml", "--offline"]);
  check("with folders alone, and no network call", offline.status === 0 && offline.answer.faults.length === 0);

  for (const [i, follower] of followers.entries())
    check(`${agents[i]!.name} ends in order`, (await follower.end()) === 0);
}

function git(folder: string, ...args: string[]): string {
  const people = {
    GIT_AUTHOR_NAME: "A",
    GIT_AUTHOR_EMAIL: "a@example.org",
    GIT_COMMITTER_NAME: "A",
    GIT_COMMITTER_EMAIL: "a@example.org",
  };
  const env = { ...process.env, ...people, GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: "1" };
  return execFileSync("git", args, { cwd: folder, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** A bare repository, and a working tree that pushes to it. */
async function createProject(folder: string): Promise<{ readonly repository: string; readonly work: string }> {
  const bare = join(folder, "project.git");
  const work = join(folder, "project");
  git(folder, "init", "--quiet", "--bare", "--initial-branch=main", bare);
  git(folder, "init", "--quiet", "--initial-branch=main", work);
  git(work, "remote", "add", "origin", bare);
  await mkdir(join(work, ".assay"));
  await writeFile(join(work, ".assay", "tasks.yaml"), tasks);
  await mkdir(join(work, "src"));
  return { repository: `git+file://${bare}`, work };
}

/** Commits one file and pushes. @returns the commit. */
function push(work: string, file: string, text: string, message: string): string {
  execFileSync("tee", [join(work, file)], { input: text, stdio: ["pipe", "ignore", "inherit"] });
  git(work, "add", "--all");
  git(work, "commit", "--quiet", "--message", message);
  git(work, "push", "--quiet", "origin", "main");
  return git(work, "rev-parse", "HEAD");
}

async function resultOf(follower: Actor, commit: string) {
  return await follower.line((line) => line.msg === "task succeeded" && line.commit === commit, "a result", patience);
}

/** What carol does: she builds a changed source, and signs its artifact as that of the commit. */
async function signTampered(folder: string, work: string, repository: string, commit: string, carol: Agent) {
  const changed = join(carol.folder, "changed");
  await cp(work, changed, { recursive: true });
  await writeFile(join(changed, "src", "main.js"), 'console.log("hello");\nrequire("fs").rmSync("x");\n');
  git(changed, "add", "--all");
  git(changed, "commit", "--quiet", "--message", "x");
  const file = join(carol.folder, "bad.tar.gz");
  const sign = ["--key", carol.key, "--password-file", carol.passwordFile];
  const [honest, bad] = [join(folder, "honest.jsonl"), join(folder, "bad.jsonl")];
  await command(["attest", "make", repository, "--rev", commit, ...sign, "--bundle", honest], carol.folder);
  await command(["attest", "make", changed, ...sign, "--bundle", bad, "--artifact", file], carol.folder);
  const tampered = await resultIn(bad);
  await signWrong(carol, password, await resultIn(honest), tampered);
  return { file, sha256: tampered.artifact!.sha256 };
}

async function ask(folder: string, artifact: string, more: readonly string[] = []) {
  const { status, json, stderr } = await run(["check", artifact, ...more, "--json"], { folder });
  if (stderr !== "") remark(stderr.trim());
  return { status, answer: json as unknown as CheckAnswer };
}

/** A client's request, an honest solver's claim, and the end of its window. */
async function finalize(
  folder: string,
  chain: Awaited<ReturnType<typeof startChain>>,
  repository: string,
  commit: string,
) {
  const [, client, solver] = chain.accounts;
  const names = new Map([
    [client!.address.toLowerCase(), "client"],
    [solver!.address.toLowerCase(), "solver"],
  ]);
  const watch = await Watch.open(chain.rpc, chain.assay, names);
  try {
    const request = ["request", repository, "--rev", commit, "--reward", "0.05", "--config", chain.config];
    await command(request, folder, client!.key);
    const honest = await daemon(folder, "solver", chain, solver!.key, ["solver", "--no-challenge"]);
    const { args } = await watch.until(isRevealBy(solver!.address), "the claim", patience, honest);
    await skipToFinality(watch, args.claimId as Root);
    await watch.until(({ name }) => name === "BuildFinalized", "finality", patience, honest);
  } finally {
    watch.chain.close();
  }
}
