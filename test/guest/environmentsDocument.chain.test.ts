import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../src/chain/assay.ts";
import { Ledger } from "../../src/chain/ledger.ts";
import { cacheFolder } from "../../src/core/node/cacheFolder.ts";
import { pinnedImageFiles } from "../support/guestRun.ts";
import { startLocalRegistry } from "../support/localRegistry.ts";
import { archiveOf } from "../support/packageRegistry.ts";
import { type DocumentStep, readPlayedDocument } from "../support/playedDocument.ts";
import { integrityOf } from "../support/signedPackage.ts";
import { runInShell, runProgram } from "../support/spawned.ts";
import { TextDaemon } from "../support/textDaemon.ts";

const file = "docs/environments.md";
const played = readPlayedDocument(file).steps.filter(({ who }) => who === "you");

describe.runIf(pinnedImageFiles())("the way from a lock to a final build", () => {
  let folder: string;
  const daemons = new Map<string, TextDaemon>();
  /** Words of the document, and what stands for them here. */
  const here = new Map<string, string>();
  let environment: Readonly<Record<string, string>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "assay-environments-doc-"));
    const cache = join(folder, "cache/assay");
    await mkdir(cache, { recursive: true });
    // What it takes to make the environment, which is not made twice.
    for (const name of ["downloads", "images", "made"]) await symlink(join(cacheFolder(), name), join(cache, name));
    process.env.XDG_CACHE_HOME = dirname(cache);
  });
  afterAll(async () => {
    // The chain was there first: the others ask it until they have ended.
    const daemonsFirst = [...daemons.values()].reverse();
    for (const daemon of daemonsFirst) await daemon.end();
    await rm(folder, { recursive: true, force: true });
  });

  it("leads through a wrong claim, a dispute and a right claim", async () => {
    await using registry = await startQueueRegistry();
    const port = await freePort();
    here.set("assay deps lock .", `assay deps lock . --registry npm=${registry.url}`);
    here.set("8545", String(port));
    environment = {
      npm_config_registry: registry.url,
      npm_config_cache: join(folder, "npm"),
      ...{ no_proxy: "127.0.0.1", NO_PROXY: "127.0.0.1" },
    };
    const place = join(folder, "place");
    await mkdir(place);

    for (const step of played) await play(step, place);

    const { stdout } = await runProgram(process.execPath, ["app.js"], { folder: place });
    expect(stdout).toBe("claimed, disputed, final\n");
  });

  /** Does what a step asks for. */
  async function play({ line, what, body }: DocumentStep, place: string): Promise<void> {
    const at = `${file}:${line}`;
    const text = [...here].reduce((text, [from, to]) => text.replaceAll(from, to), body);
    const [verb, name = ""] = what.split(" ");
    if (verb === "file") {
      await mkdir(dirname(join(place, name)), { recursive: true });
      await writeFile(join(place, name), `${text}\n`);
    } else if (verb === "start") {
      const daemon = new TextDaemon(text, place);
      daemons.set(name, daemon);
      await daemon.firstLine(at);
    } else if (verb === "log") {
      const wanted = text.split("\n").map((line) => ({ what: `${at}: ${line}`, isIt: isLike(line) }));
      await daemons.get(name)!.find(wanted);
    } else if (verb === "end") {
      if (name === "chain") await expectOneFinal(place);
      expect(await daemons.get(name)!.end(), at).toBe(0);
    } else {
      const { status, stdout, stderr } = await runInShell(`set -e\n${text}`, { folder: place, environment });
      expect({ at, status, ...(status !== 0 && { stdout, stderr }) }).toEqual({ at, status: 0 });
    }
  }

  /** The chain has a refuted claim and a final one, of one build. */
  async function expectOneFinal(place: string): Promise<void> {
    const config = await readFile(join(place, "assay.yaml"), "utf8");
    const assay = /^assay: "(0x[0-9a-fA-F]{40})"$/m.exec(config)![1]!;
    const rpc = `http://127.0.0.1:${here.get("8545")}`;
    const connection = await connect(
      { rpc, chainId: 31337n, assay, deploymentBlock: 0, confirmations: 0, logRange: 2000 },
      { timeoutMilliseconds: 20_000, retries: 3, retryMilliseconds: 200, pollMilliseconds: 200 },
    );
    try {
      const ledger = new Ledger(connection);
      await ledger.refresh();
      const [wrong, right, ...others] = [...ledger.history.claims.values()];
      expect(others).toEqual([]);
      expect(wrong).toMatchObject({ status: "refuted", refutation: { cause: "fault" } });
      expect(right).toMatchObject({ status: "final", fields: { buildId: wrong!.fields.buildId } });
    } finally {
      connection.close();
    }
  }
});

it("links to what there is", async () => {
  const text = await readFile(file, "utf8");
  const linked = [...text.matchAll(/\]\(([^)#]+)/g)].map(([, target]) => join("docs", target!));
  expect(linked.filter((target) => !existsSync(target))).toEqual([]);
});

/** npm's registry, with a small package in the place of the one that the document takes. */
async function startQueueRegistry() {
  const name = "yocto-queue";
  const own = { name, version: "1.2.1", type: "module", exports: "./index.js" };
  const archive = await archiveOf({
    "package/package.json": JSON.stringify(own),
    "package/index.js":
      "export default class Queue {\n  words = [];\n  enqueue(word) { this.words.push(word); }\n  [Symbol.iterator]() { return this.words[Symbol.iterator](); }\n}\n",
  });
  const path = `/${name}/-/${name}-${own.version}.tgz`;
  const registry = await startLocalRegistry(new Map([[path, archive]]));
  const dist = { tarball: `${registry.url}${path}`, integrity: integrityOf(archive) };
  const versions = { [own.version]: { ...own, dist } };
  registry.answers.set(`/${name}`, JSON.stringify({ name, "dist-tags": { latest: own.version }, versions }));
  return registry;
}

/** Whether a line of a log has the level, the message and the facts of the document's. */
function isLike(wanted: string): (line: string) => boolean {
  const [level, message, ...facts] = wanted.split(/ {2,}/);
  return (line) => {
    const [head, found, ...rest] = line.replace(/^(\S+ \w+) +/, "$1  ").split("  ");
    return head!.endsWith(` ${level}`) && found === message && facts.every((fact) => rest.includes(fact));
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
