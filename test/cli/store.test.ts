import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compiledCommand } from "../../scripts/compiledPackage.ts";
import { type ContentId, contentIdOf } from "../../src/store/contentId.ts";
import { contentFile, directoryStore } from "../../src/store/node/directoryStore.ts";
import { openStore } from "../../src/store/node/openStore.ts";
import { startMirror } from "../support/mirrors.ts";
import { runAssay } from "../support/spawned.ts";

const content = new TextEncoder().encode("content");

let folder: string;
let id: ContentId;
const running: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-store-cli-"));
  id = await directoryStore(join(folder, "store")).put(content);
  await configure("assay.yaml", 'stores: [{ url: "file:./store", write: true }]');
});
afterEach(async () => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

async function configure(file: string, ...lines: string[]): Promise<void> {
  const assay = '"0x5FbDB2315678afecb367f032d93F642f64180aa3"';
  const all = ["rpc: http://127.0.0.1:1", "chainId: 31337", `assay: ${assay}`, "state: ./state", ...lines, ""];
  await writeFile(join(folder, file), all.join("\n"));
}

/** `assay store serve` as a user runs it. */
async function serve(...args: readonly string[]) {
  const child = spawn(compiledCommand, ["store", "serve", "--port", "0", "--json", ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.push(child);
  let stderr = "";
  child.stderr.on("data", (data) => {
    stderr += String(data);
  });
  const ended = once(child, "exit");
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const facts = JSON.parse(line) as { url: string; store: string };
  const stop = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
    return { status: child.exitCode, stderr };
  };
  return { facts, stop };
}

describe("assay store serve", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("serves another machine's store until %s", async (signal) => {
    const { facts, stop } = await serve();
    expect(facts).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
      store: join(folder, "store"),
    });
    const theirs = { url: pathToFileURL(join(folder, "theirs")).href, write: true };
    expect(await openStore([theirs, { url: facts.url, write: false }]).get(id, 100)).toEqual(content);
    expect(await openStore([theirs]).get(id, 100)).toEqual(content);
    // The reader's connection is still open.
    expect(await stop(signal)).toEqual({ status: 0, stderr: "" });
  });

  it("says what it does not serve since it is damaged", async () => {
    const { facts, stop } = await serve();
    const file = contentFile(join(folder, "store"), id);
    await writeFile(file, "c0ntent");
    expect((await fetch(`${facts.url}sha256/${id.slice(7)}`)).status).toBe(404);
    expect((await stop("SIGTERM")).stderr).toBe(`assay: ${file} is not what its name says and is not served\n`);
  });

  it("says in one sentence that the port is taken: status 1", async () => {
    const { facts } = await serve();
    const { port } = new URL(facts.url);
    const second = await runAssay(["store", "serve", "--port", port], { folder });
    expect(second).toEqual({
      status: 1,
      stdout: "",
      stderr: `assay: cannot listen on 127.0.0.1, port ${port}: another process uses it; name another one with --port (0 takes a free one) [store/port-fault]\n`,
    });
  });

  it.each([
    ["--port", "65536"],
    ["--port", "x"],
    ["--connections", "0"],
    ["--max-bytes", "-1"],
  ])("refuses %s %s: status 2", async (option, value) => {
    const { status, stderr } = await runAssay(["store", "serve", option, value], { folder });
    expect(status).toBe(2);
    expect(stderr).toContain(option);
  });
});

describe("assay store serve --accept", () => {
  const granted = async (...more: string[]) =>
    await runAssay(["store", "grant", "bob", "--tokens", "tokens.json", "--json", ...more], { folder });

  it("lets another machine push what it has, once, and says why it takes no more", async () => {
    const { status, stdout } = await granted("--quota", "1M");
    expect(status).toBe(0);
    const { token } = JSON.parse(stdout);
    const { facts } = await serve("--folder", join(folder, "theirs"), "--accept", join(folder, "tokens.json"));
    const push = async (tokenGiven: string) =>
      await runAssay(["store", "push", facts.url, "--folder", "store", "--json"], {
        folder,
        environment: { ASSAY_STORE_TOKEN: tokenGiven },
      });
    const refused = await push("assay-store-another");
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringContaining(
        "status 401: this store takes uploads with a token of its own only [store/not-taken-fault]",
      ),
    ]);
    expect(JSON.parse((await push(token)).stdout)).toMatchObject({ contents: 1, texts: 0 });
    expect(JSON.parse((await push(token)).stdout)).toMatchObject({ contents: 0, texts: 0 });
    expect(await directoryStore(join(folder, "theirs")).get(id, 100)).toEqual(content);
    const large = new Uint8Array(2 ** 20);
    await directoryStore(join(folder, "store")).put(large);
    const full = await push(token);
    expect([full.status, full.stderr]).toEqual([1, expect.stringContaining("the quota of this token, 1048576 bytes")]);
  });

  it("refuses a name that is taken, a quota that is none, and a name that nobody has: status 2", async () => {
    expect((await granted()).status).toBe(0);
    expect((await granted()).stderr).toContain("has a token bob already");
    expect([(await granted()).status, (await granted("--quota", "many")).status]).toEqual([2, 2]);
    const revoke = async () => await runAssay(["store", "revoke", "bob", "--tokens", "tokens.json"], { folder });
    expect([(await revoke()).status, (await revoke()).status]).toEqual([0, 2]);
  });
});

describe("assay store collect", () => {
  it("refuses to delete anything while nothing is known of the claims: status 2", async () => {
    const { status, stderr } = await runAssay(["store", "collect"], { folder });
    expect([status, stderr]).toEqual([2, expect.stringContaining("no daemon has kept its ledger in")]);
    expect(await directoryStore(join(folder, "store")).has(id)).toBe(true);
  });

  it("keeps what is recent, and what signed results speak of", async () => {
    const collect = async (...more: string[]) => {
      const args = ["store", "collect", "--no-claims", "--json", ...more];
      const { stdout } = await runAssay(args, { folder });
      return (JSON.parse(stdout).files as { why: string }[]).map(({ why }) => why);
    };
    expect(await collect()).toEqual(["put not long ago"]);
    const topics = join(folder, "store", "attestations", "sha256");
    await mkdir(topics, { recursive: true });
    await writeFile(join(topics, `${id.slice(7)}.intoto.jsonl`), "");
    await utimes(contentFile(join(folder, "store"), id), 0, 0);
    expect(await collect()).toEqual([`attestations/sha256/${id.slice(7)}.intoto.jsonl speaks of it`]);
    await rm(topics, { recursive: true });
    expect(await collect("--dry-run")).toEqual(["nothing needs it"]);
    const { stop } = await serve("--no-claims", "--collect", "1");
    expect((await stop("SIGTERM")).stderr).toContain(
      `assay: deleted ${id.slice(7, 9)}/${id.slice(7)}: nothing needs it`,
    );
    expect(await directoryStore(join(folder, "store")).has(id)).toBe(false);
  });
});

describe("a command that reads contents", () => {
  it("reads them from the configured mirrors, names one with wrong content, and keeps what came", async () => {
    const wrongMirror = await startMirror((_, response) => void response.end("c0ntent"));
    try {
      const { facts } = await serve();
      await configure(
        "theirs.yaml",
        `stores: [{ url: "file:./theirs", write: true }, "${wrongMirror.url}", "${facts.url}"]`,
      );
      const args = ["guest", "import", id, "--config", "theirs.yaml"];
      const { status, stderr } = await runAssay(args, { folder });
      // The content came; it is not an environment, which is what the command says.
      expect(status).toBe(1);
      expect(stderr).toContain(`assay: the mirror ${wrongMirror.url} sent other bytes than asked for\n`);
      expect(stderr).toContain("[guest/bad-archive]");
      expect(await readdir(join(folder, "theirs", id.slice(7, 9)))).toEqual([id.slice(7)]);
    } finally {
      await wrongMirror.close();
    }
  });

  it("names every mirror when none brings them", async () => {
    const { facts } = await serve();
    await configure("theirs.yaml", `stores: [{ url: "file:./theirs", write: true }, "${facts.url}"]`);
    const missing = contentIdOf(new Uint8Array(1));
    const { status, stderr } = await runAssay(["guest", "import", missing, "--config", "theirs.yaml"], { folder });
    expect(status).toBe(1);
    expect(stderr).toBe(`assay: no mirror brought ${missing}: ${facts.url} does not have it [store/missing]\n`);
  });
});
