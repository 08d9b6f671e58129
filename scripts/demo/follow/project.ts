import { createHash } from "node:crypto";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { devNull } from "node:os";
import { dirname, join } from "node:path";
import { AssayError } from "../../../src/core/errors.ts";
import { Actor, type Place, run } from "../../../src/demo/actor.ts";
import { remark } from "../../../src/demo/screen.ts";
import type { Network, Party } from "./network.ts";
import { scriptProgram } from "./script.ts";

const tasks = "version: 1\ntasks:\n  release:\n    environment: releaseTarball\n";
/** More than a block of IPFS may have, and some checkpoints. */
const dataBytes = 2_500_000;

/** A repository on a server, and its maintainer's working tree. */
export interface Project {
  readonly repository: string;
  /** What others need to reach it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Commits one file and pushes. @returns the commit. */
  push(file: string, text: string, message: string): Promise<string>;
}

/** Makes the repository, by HTTPS from `git http-backend` where the system has what that takes. */
export async function createProject(network: Network): Promise<Project> {
  const host = await network.join("git");
  const served = await serveByHttps(host);
  // Else outside the parties' folders, where all see it.
  const bare = join(served === undefined ? dirname(dirname(host.folder)) : host.folder, "project.git");
  await git(host, "init", "--quiet", "--bare", "--initial-branch=main", bare);
  await git(host, `--git-dir=${bare}`, "config", "http.receivepack", "true");
  const url = served?.url ?? `file://${bare}`;
  const maintainer = await network.join("maintainer", served?.environment);
  const work = { ...maintainer, folder: join(maintainer.folder, "project") };
  await git(maintainer, "init", "--quiet", "--initial-branch=main", "project");
  const inWork = async (...args: string[]) => await git(maintainer, "-C", "project", ...args);
  await inWork("remote", "add", "origin", url);
  await write(work.folder, ".assay/tasks.yaml", tasks);
  await write(work.folder, "data/numbers", numbers(dataBytes));
  return {
    repository: `git+${url}`,
    environment: served?.environment ?? {},
    async push(file, text, message) {
      await write(work.folder, file, text);
      await inWork("add", "--all");
      await inWork("commit", "--quiet", "--message", message);
      await inWork("push", "--quiet", "origin", "main");
      return await inWork("rev-parse", "HEAD");
    },
  };
}

/** Runs git where a party is. */
export async function git(place: Place, ...args: string[]): Promise<string> {
  const people = {
    GIT_AUTHOR_NAME: "A",
    GIT_AUTHOR_EMAIL: "a@example.org",
    GIT_COMMITTER_NAME: "A",
    GIT_COMMITTER_EMAIL: "a@example.org",
  };
  const environment = { ...people, GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: "1", ...place.environment };
  const { status, stdout, stderr } = await run(args, { ...place, environment, program: ["git"] });
  if (status === 0) return stdout.trim();
  throw new AssayError("demo/command-failed", `git ${args[0]} ended with status ${status}: ${stderr.trim()}`);
}

export async function write(folder: string, file: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), text);
}

/** Assay reads repositories by HTTPS, not by HTTP, so that the server needs a certificate: one that all parties are given beforehand. */
async function serveByHttps(host: Party) {
  const { folder, address } = host;
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const names = ["-subj", "/CN=git", "-addext", `subjectAltName=IP:${address}`];
  const files = ["-keyout", "key.pem", "-out", "certificate.pem"];
  const made = await run([...request, ...names, ...files], { ...host, program: ["openssl"] });
  const backend = await run(["http-backend"], { ...host, program: ["git"] });
  if (made.status !== 0 || !/^Status:/m.test(backend.stdout)) {
    const missing = made.status === 0 ? "git http-backend" : "openssl";
    remark(`there is no ${missing} here: the repository is a folder instead, which all can read`);
    return undefined;
  }
  const program = scriptProgram("gitServer.ts");
  const server = new Actor("server", [folder, "certificate.pem", "key.pem", address], { ...host, program });
  const { url } = await server.line((line) => line.url !== undefined, "the server's address", 120);
  // Beside the parties' folders, where all see it.
  const certificate = join(dirname(dirname(folder)), "certificate.pem");
  await copyFile(join(folder, "certificate.pem"), certificate);
  return { url: `${url}/project.git`, environment: { GIT_SSL_CAINFO: certificate } };
}

/** Lines that do not repeat, and are the same in each run. */
function numbers(bytes: number): string {
  let text = "";
  for (let i = 0; text.length < bytes; i++) text += `${createHash("sha256").update(String(i)).digest("hex")}\n`;
  return text.slice(0, bytes);
}
