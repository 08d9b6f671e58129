import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { parseConfig } from "../../src/cli/config.ts";
import { contentFile, directoryStore } from "../../src/store/node/directoryStore.ts";
import { type DocumentStep, readPlayedDocument } from "../support/playedDocument.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";
import { runInShell } from "../support/spawned.ts";
import { TextDaemon } from "../support/textDaemon.ts";
import { keepEnvironment, type ToyEnvironment, toyEnvironment } from "../support/toyEnvironment.ts";

const file = "docs/stores.md";
const { steps, unmarked } = readPlayedDocument(file);
const played = steps.filter(({ who }) => who === "A" || who === "B");

let folder: string;
let environment: ToyEnvironment;
const daemons = new Map<string, TextDaemon>();
const outputs: string[] = [];
/** Words of the document, and what stands for them here. */
const here = new Map<string, string>();
const place = (who: string) => join(folder, who);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-stores-"));
  for (const who of ["A", "B"]) await mkdir(place(who));
  environment = await toyEnvironment({ name: "small" });
  await keepEnvironment(join(place("A"), "cache", "assay"), environment);
});
afterAll(async () => {
  for (const daemon of daemons.values()) await daemon.end();
  await rm(folder, { recursive: true, force: true });
});

it("marks every block of the document, and links to what there is", async () => {
  expect(unmarked).toEqual([]);
  const text = await readFile(file, "utf8");
  const linked = [...text.matchAll(/\]\(([^)#]+)/g)].map(([, target]) => join("docs", target!));
  expect(linked.filter((target) => !existsSync(target))).toEqual([]);
});

it("shows stores that a configuration may have", () => {
  const { body } = steps.find(({ who }) => who === "reader")!;
  const rest = { rpc: "http://127.0.0.1:1", chainId: 1, assay: `0x${"11".repeat(20)}`, state: "./state" };
  const { stores } = parseConfig(JSON.stringify({ ...rest, ...parse(body) }), join(folder, "assay.yaml"));
  expect(stores.map(({ url, write, tokenFile }) => [url.split(":", 1)[0], write, tokenFile])).toEqual([
    ["file", true, undefined],
    ["https", true, join(folder, "token")],
    ["https", false, undefined],
    ["ipfs+https", false, undefined],
  ]);
});

it("plays the document: what B writes and A publishes is at the other one, and what nobody needs is gone", async () => {
  const [needed, useless, own] = [1, 2, 3].map((byte) => new Random(seed + byte).fill(new Uint8Array(50_000)));
  const input = new Random(seed).fill(new Uint8Array(3_000_000));
  await writeFile(join(place("A"), "input.bin"), input);
  const [ofA, ofB] = [directoryStore(join(place("A"), "store")), directoryStore(join(place("B"), "store"))];
  const old = await ofA.put(useless!);
  await utimes(contentFile(join(place("A"), "store"), old), 0, 0);
  const [pushed] = [await ofB.put(needed!), await ofA.put(own!)];
  here.set("--host 0.0.0.0", "--host 127.0.0.1");
  here.set("8470", String(await freePort()));
  here.set("a.example:assay/", `${place("A")}/`);
  here.set("scp ", "cp ");
  here.set("a.example:", "127.0.0.1:");
  here.set("ENVIRONMENT", environment.manifest.id);

  for (const step of played) await play(step);

  expect(await ofA.get(pushed!, 50_000)).toEqual(needed);
  expect(await ofA.has(old)).toBe(false);
  const lines = outputs.join("\n").split("\n");
  const words = lines.filter((text) => text.includes(old.slice(7))).map((text) => text.split(" ", 1)[0]);
  expect(words).toEqual(["useless", "deleted"]);
  expect(outputs.join("\n")).toMatch(/^small .* complete/m);
  const archive = await readFile(join(place("A"), "input.car"));
  expect(archive.length).toBeGreaterThan(input.length);
  const digits = createHash("sha256").update(input).digest("hex");
  expect(await readFile(join(place("A"), "store", "cids", digits), "utf8")).toMatch(/^bafy[a-z2-7]+\n$/);
});

/** Does what a step asks for, in its folder. */
async function play({ line, who, what, body }: DocumentStep): Promise<void> {
  const at = `${file}:${line}`;
  const text = [...here].reduce((text, [from, to]) => text.replaceAll(from, to), body);
  const [verb, name = ""] = what.split(" ");
  if (verb === "file") return await writeFile(join(place(who), name), text);
  if (verb === "start") {
    const daemon = new TextDaemon(text, place(who));
    daemons.set(name, daemon);
    await daemon.firstLine(at);
  } else if (verb === "end") {
    expect(await daemons.get(name)!.end(), at).toBe(0);
  } else {
    const variables = { no_proxy: "127.0.0.1", NO_PROXY: "127.0.0.1", XDG_CACHE_HOME: join(place(who), "cache") };
    const { status, stdout, stderr } = await runInShell(`set -e\n${text}`, {
      folder: place(who),
      environment: variables,
    });
    expect({ at, status, ...(status !== Number(name) && { stdout, stderr }) }).toEqual({ at, status: Number(name) });
    outputs.push(stdout);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
