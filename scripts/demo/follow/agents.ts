import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AssayError } from "../../../src/core/errors.ts";
import { Actor, type LogLine, run } from "../../../src/demo/actor.ts";
import { command } from "../../../src/demo/demo.ts";
import type { Network, Party } from "./network.ts";
import { patience } from "./patience.ts";
import { scriptProgram } from "./script.ts";
import { serveStore } from "./storeServer.ts";

/** A bit in the middle of the source, early enough that it has not been read yet. */
const fault = "memory@40:1";

/** Somebody with a signing key, and a server that gives out what is published there. */
export interface Agent extends Party {
  /** The signing key's file, and what others know it by. */
  readonly key: string;
  readonly keyId: string;
  readonly passwordFile: string;
  readonly store: string;
  readonly url: string;
}

export async function createAgent(
  network: Network,
  name: string,
  password: string,
  environment: Readonly<Record<string, string>>,
): Promise<Agent> {
  const party = await network.join(name, environment);
  const store = join(party.folder, "store");
  const passwordFile = join(party.folder, "password");
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  const key = join(party.folder, "signing.json");
  const { keyId } = await command(["key", "new", "--signing", key, "--password-file", passwordFile], party);
  const url = await serveStore(party);
  return { ...party, key, keyId: String(keyId), passwordFile, store, url };
}

/** Starts an agent on a repository. @param log the name of its log. */
export function startFollowing(agent: Agent, repository: string, log = "follower"): Actor {
  const { folder, key, passwordFile, store } = agent;
  const sign = ["--key", key, "--password-file", passwordFile, "--publish", store];
  return new Actor(log, ["follow", repository, ...sign, "--state", join(folder, "state"), "--poll", "1"], agent);
}

const isResult = (commit: string) => (line: LogLine) => line.msg === "task succeeded" && line.commit === commit;

/** An agent's result of a commit, now or later. */
export async function resultOf(follower: Actor, commit: string): Promise<LogLine> {
  return await follower.line(isResult(commit), "a result", patience);
}

/**
 * Kills an agent that has begun with a commit, and starts it again on the folder in which it was killed.
 * @returns the new process, and the result of the commit: from the old one, if it was as quick as that.
 */
export async function killAndRestart(agent: Agent, follower: Actor, repository: string, commit: string) {
  const hasBegun = (line: LogLine) => line.msg === "task started" && line.commit === commit;
  await follower.line(hasBegun, "the beginning of a task", patience);
  await follower.end("SIGKILL");
  const restarted = startFollowing(agent, repository, "follower-restarted");
  return { restarted, result: follower.lines.find(isResult(commit)) ?? (await resultOf(restarted, commit)) };
}

/** Lets an agent sign and publish what a wrong machine gives for a commit. @returns the artifact's sha256. */
export async function signWrong(agent: Agent, password: string, repository: string, commit: string): Promise<string> {
  const args = [repository, commit, agent.key, password, agent.store, fault];
  const { status, json, stderr } = await run(args, { ...agent, program: scriptProgram("wrongAgent.ts") });
  if (status === 0) return String(json.artifact);
  throw new AssayError("demo/command-failed", `${agent.name} ended with status ${status}: ${stderr.trim()}`);
}
