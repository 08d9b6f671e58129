import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attestationFolder } from "../../../src/attestation/node/attestationFolder.ts";
import { statementIn } from "../../../src/attestation/statement.ts";
import { firstDocumentIn } from "../../../src/radicle/ids.ts";
import { type Person, people, projectStorage, type RadicleStorage } from "../../support/radicleStorage.ts";
import { writeSigningKey } from "../../support/signingKeyFile.ts";
import { runAssay, SpawnedDaemon } from "../../support/spawned.ts";

const [alice, bob] = people as [Person, Person];
const tasks =
  'version: 1\ntasks:\n  release:\n    environment: releaseTarball\n    on: { branches: ["**"], tags: ["v*"] }\n';
const files = (text: string) => ({ ".assay/tasks.yaml": tasks, README: text });
type Line = Record<string, unknown>;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-radicle-"));
  await writeSigningKey(join(folder, "signing.json"));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

let homes = 0;
/** A project of two delegates, followed with a state of its own. */
function project(more: Readonly<Record<string, unknown>> = {}) {
  const name = String(homes++);
  const home = join(folder, name);
  const made = projectStorage(home, [alice, bob], more, files("one\n"));
  const own = ["--key", "signing.json", "--publish", `${name}-store`, "--state", `${name}-state`];
  return {
    ...made,
    home,
    args: ["follow", made.storage.id, ...own],
    options: { folder, environment: { ASSAY_PASSWORD: "secret", RAD_HOME: home } },
    store: join(folder, `${name}-store`),
  };
}
async function follow({ args, options }: Pick<ReturnType<typeof project>, "args" | "options">, ...more: string[]) {
  const { status, stdout, stderr } = await runAssay([...args, "--once", ...more], options);
  expect(stderr).toBe("");
  return {
    status,
    log: stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Line),
  };
}
const said = (log: readonly Line[], msg: string) => log.filter((line) => line.msg === msg);
function push(
  storage: RadicleStorage,
  person: Person,
  text: string,
  parents: readonly string[],
  branch = "main",
): string {
  const commit = storage.work(files(text), parents);
  storage.set(person, `refs/heads/${branch}`, commit);
  storage.sign(person);
  return commit;
}

describe("assay follow rad:...", () => {
  it("builds what the delegates agree on, and publishes it under the commit and the repository", async () => {
    const made = project({ threshold: 2 });
    const { status, log } = await follow(made);
    expect(status).toBe(0);
    expect(said(log, "a commit is seen")).toMatchObject([
      { ref: "refs/heads/main", commit: made.commit, tasks: ["release"] },
    ]);
    expect(said(log, "task succeeded")).toHaveLength(1);
    const board = attestationFolder(made.store);
    for (const topic of [
      { algorithm: "gitCommit", digest: made.commit },
      { algorithm: "radicle", digest: firstDocumentIn(made.storage.id)! },
    ] as const) {
      const { envelopes } = await board.find(topic);
      expect(JSON.stringify(statementIn(envelopes[0]!))).toContain(made.storage.id);
    }
    // One delegate's push is not enough; both are.
    const newer = push(made.storage, alice, "two\n", [made.commit]);
    expect(said((await follow(made)).log, "a commit is seen")).toEqual([]);
    made.storage.set(bob, "refs/heads/main", newer);
    made.storage.sign(bob);
    expect(said((await follow(made)).log, "task succeeded")).toMatchObject([{ commit: newer }]);
  });

  it("takes delegates' own branches where it is asked to", async () => {
    const made = project({ threshold: 2 });
    await follow(made);
    const mine = push(made.storage, bob, "mine\n", [made.commit], "feature");
    expect(said((await follow(made)).log, "a commit is seen")).toEqual([]);
    const { log } = await follow(made, "--delegates");
    expect(said(log, "task succeeded")).toMatchObject([{ commit: mine }]);
    expect(said(log, "a commit is seen").map(({ ref }) => ref)).toContain(
      `refs/namespaces/${bob.node}/refs/heads/feature`,
    );
  });

  it("names delegates that do not count, and those that have parted", async () => {
    const made = project();
    made.storage.set(bob, "refs/heads/main", made.storage.work(files("forged\n")));
    const forged = await follow(made);
    expect(said(forged.log, "does not count")).toMatchObject([
      { why: expect.stringMatching(`the refs of ${bob.node} are not those that it has signed`) },
    ]);
    expect(said(forged.log, "task succeeded")).toMatchObject([{ commit: made.commit }]);
    push(made.storage, alice, "mine\n", [made.commit]);
    push(made.storage, bob, "theirs\n", [made.commit]);
    const parted = await follow(made);
    expect(said(parted.log, "does not count")).toMatchObject([
      { why: expect.stringContaining("refs/heads/main is not canonical") },
    ]);
    expect(said(parted.log, "task started")).toEqual([]);
  });

  it("says what is wrong with a repository, and publishes nothing of a private one unasked", async () => {
    const made = project({ visibility: { type: "private" } });
    const { log } = await follow(made);
    expect(said(log, "cannot be read: will try again")).toMatchObject([{ why: expect.stringContaining("is private") }]);
    expect(await readdir(made.store).catch(() => [])).toEqual([]);
    expect(said((await follow(made, "--private")).log, "task succeeded")).toHaveLength(1);
    made.storage.forget(alice);
    made.storage.forget(bob);
    expect(said((await follow(made)).log, "cannot be read: will try again")).toMatchObject([
      { why: expect.stringContaining("has no identity") },
    ]);
  });
});

/** Stands for a Radicle node's socket: takes subscriptions, says what it is told to. */
async function nodeAt(path: string): Promise<{ server: Server; subscribed: () => Promise<Socket> }> {
  mkdirSync(dirname(path), { recursive: true });
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (text) => {
      expect(String(text)).toBe('{"command":"subscribe"}\n');
      server.emit("subscribed", socket);
    });
  });
  server.listen(path);
  await once(server, "listening");
  return { server, subscribed: async () => (await once(server, "subscribed"))[0] as Socket };
}

describe("a follower that listens to a Radicle node", () => {
  it("looks when it is told of changes, and again after each connection", async () => {
    const made = project();
    const path = join(made.home, "node", "control.sock");
    const node = await nodeAt(path);
    const subscription = node.subscribed();
    const daemon = new SpawnedDaemon([...made.args, "--poll", "3000"], { ...made.options, key: "" });
    const logged = async (msg: string, facts: Line) =>
      await daemon.says(msg, (line) => Object.entries(facts).every(([name, value]) => line[name] === value));
    let socket = await subscription;
    await logged("task succeeded", { commit: made.commit });
    const event = (type: string, rid: string) => `${JSON.stringify({ type, remote: alice.node, rid, updated: [] })}\n`;
    const second = push(made.storage, alice, "two\n", [made.commit]);
    socket.write(`no JSON\n{}\n${event("seedDiscovered", made.storage.id)}${event("refsFetched", made.storage.id)}`);
    await logged("task succeeded", { commit: second });
    const again = node.subscribed();
    const third = push(made.storage, alice, "three\n", [second]);
    socket.destroy();
    socket = await again;
    await logged("task succeeded", { commit: third });
    socket.write(event("refsFetched", made.storage.id));
    await logged("the Radicle node can be listened to again", {});
    expect(said(daemon.lines, "the Radicle node cannot be listened to: its repositories are polled")).toHaveLength(1);
    const refused = node.subscribed();
    socket.write('{"error":"not now\\u001b[31m"}\n');
    await refused;
    await logged("the Radicle node cannot be listened to: its repositories are polled", { why: "not now\\u001b[31m" });
    expect(await daemon.stop()).toBe(0);
    node.server.close();
  });

  it("polls where there is no node, and says so once", async () => {
    const made = project();
    const daemon = new SpawnedDaemon([...made.args, "--poll", "0.2"], { ...made.options, key: "" });
    await daemon.says("task succeeded");
    const second = push(made.storage, alice, "two\n", [made.commit]);
    await daemon.says("task succeeded", ({ commit }) => commit === second);
    expect(said(daemon.lines, "the Radicle node cannot be listened to: its repositories are polled")).toHaveLength(1);
    expect(await daemon.stop()).toBe(0);
  });
});
