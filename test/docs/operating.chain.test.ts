import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connect } from "../../src/chain/assay.ts";
import { Ledger } from "../../src/chain/ledger.ts";
import { createProgram } from "../../src/cli/program.ts";
import { type Anvil, startAnvil } from "../support/anvil.ts";
import { type DocumentStep, readPlayedDocument } from "../support/playedDocument.ts";
import { runInShell } from "../support/spawned.ts";
import { TextDaemon, wordsOf } from "../support/textDaemon.ts";

const file = "docs/operating.md";
const { steps, unmarked } = readPlayedDocument(file);
const played = steps.filter(({ who }) => who === "A" || who === "B");

let folder: string;
let anvil: Anvil;
const daemons = new Map<string, TextDaemon>();
/** Words of the document, and what stands for them here. */
const here = new Map<string, string>();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-operating-"));
  for (const who of ["A", "B"]) await mkdir(join(folder, who));
});
afterAll(async () => {
  // One that has to be killed does not keep the others running.
  const ends = await Promise.allSettled([...daemons.values()].map(async (daemon) => await daemon.end()));
  await anvil?.close();
  await rm(folder, { recursive: true, force: true });
  for (const end of ends) if (end.status === "rejected") throw end.reason;
});

it("marks every block of the document, and links to what there is", async () => {
  expect(unmarked).toEqual([]);
  const known = /^(A|B): (|status \d|file \w+\.yaml|start \w+|log \w+|end \w+)$|^chain: start$|^(setup|public): $/;
  expect(steps.filter(({ who, what }) => !known.test(`${who}: ${what}`))).toEqual([]);
  const text = await readFile(file, "utf8");
  const linked = [...text.matchAll(/\]\(([^)#]+)/g)].map(([, target]) => join("docs", target!));
  expect(linked.filter((target) => !existsSync(target))).toEqual([]);
});

const program = await createProgram(() => true);

it("names commands and options that there are, and files of the checkout, where nothing is played", () => {
  const parsed = bodies("public").flatMap((body) => body.split("\n"));
  expect(parsed.length).toBeGreaterThan(0);
  for (const line of parsed) {
    let command: Command = program;
    let { args } = wordsOf(line);
    for (;;) {
      const next = command.commands.find((each) => each.name() === args[0]);
      if (next === undefined) break;
      [command, args] = [next, args.slice(1)];
    }
    expect(command.commands).toEqual([]);
    expect(command.parseOptions(args)).toEqual({ operands: [], unknown: [] });
  }
  const scripts = [
    ...bodies("setup")
      .join("\n")
      .matchAll(/scripts\/\w+\.sh/g),
  ].map(([name]) => name);
  expect(scripts.length).toBeGreaterThan(0);
  expect(scripts.filter((name) => !existsSync(name))).toEqual([]);
});

it("plays the document: two folders, every command, from nothing to a dispute won and a result final", async () => {
  const [chain] = bodies("chain");
  const options = /^npx anvil --host 0\.0\.0\.0((?: --?[\w-]+| \w+)*)$/.exec(chain!)![1]!.trim().split(" ");
  anvil = await startAnvil(options);
  here.set("http://chain.example:8545", anvil.url);
  here.set("--host 0.0.0.0", "--host 127.0.0.1");
  here.set("a.example:assay/", `${join(folder, "A")}/`);
  here.set("scp ", "cp ");
  const ports = await freePorts(3);
  for (const [i, port] of [8470, 9464, 9465].entries()) here.set(String(port), String(ports[i]));
  here.set("a.example:", "127.0.0.1:");

  for (const step of played) await play(step);

  const { contracts } = JSON.parse(await readFile(join(folder, "A", "deployment.json"), "utf8"));
  const deployment = { rpc: anvil.url, chainId: 31337n, assay: contracts.assay.address as string };
  const connection = await connect(
    { ...deployment, deploymentBlock: 0, confirmations: 0, logRange: 2000 },
    { timeoutMilliseconds: 20_000, retries: 3, retryMilliseconds: 200, pollMilliseconds: 200 },
  );
  try {
    const { history } = await settled(new Ledger(connection));
    const [wrong, right, ...others] = [...history.claims.values()];
    expect(others).toEqual([]);
    expect(wrong).toMatchObject({
      status: "refuted",
      refutation: { cause: "fault", rewarded: here.get("ADDRESS_OF_B") },
    });
    expect(right).toMatchObject({ status: "final", solver: here.get("ADDRESS_OF_A") });
    expect(history.builds.get(right!.fields.buildId)!.finalClaim).toBe(right!.claimId);
  } finally {
    connection.close();
  }
});

async function settled(ledger: Ledger): Promise<Ledger> {
  await ledger.refresh();
  return ledger;
}

function bodies(of: string): string[] {
  return steps.filter(({ who }) => who === of).map(({ body }) => body);
}

/** Does what a step asks for, in its folder. */
async function play({ line, who, what, body }: DocumentStep): Promise<void> {
  const at = `${file}:${line}`;
  const place = join(folder, who);
  const text = [...here].reduce((text, [from, to]) => text.replaceAll(from, to), body);
  const [verb, name = ""] = what.split(" ");
  if (verb === "file") return await writeFile(join(place, name), text);
  if (verb === "start") {
    const daemon = new TextDaemon(text, place);
    daemons.set(name, daemon);
    await daemon.firstLine(at);
  } else if (verb === "log") {
    const wanted = text.split("\n").map((line) => ({ what: `${at}: ${line}`, isIt: isLike(line) }));
    await daemons.get(name)!.find(wanted);
  } else if (verb === "end") {
    expect(await daemons.get(name)!.end(), at).toBe(0);
  } else {
    const environment = { no_proxy: "127.0.0.1", NO_PROXY: "127.0.0.1" };
    const { status, stdout, stderr } = await runInShell(`set -e\n${text}`, { folder: place, environment });
    expect({ at, status, ...(status !== Number(name) && { stdout, stderr }) }).toEqual({ at, status: Number(name) });
    expect(stdout, at).not.toContain('"error"');
    const address = /^address +(0x[0-9a-fA-F]{40})$/m.exec(stdout)?.[1];
    if (text.includes("key new")) here.set(`ADDRESS_OF_${who}`, address!);
  }
}

/** Whether a line of a log has the level, the message and the facts of the document's. */
function isLike(wanted: string): (line: string) => boolean {
  const [level, message, ...facts] = wanted.split(/ {2,}/);
  return (line) => {
    const [head, found, ...rest] = line.replace(/^(\S+ \w+) +/, "$1  ").split("  ");
    return head!.endsWith(` ${level}`) && found === message && facts.every((fact) => rest.includes(fact));
  };
}

/** Ports that nobody has now: all are held until the last is known. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ports.push((server.address() as { port: number }).port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
