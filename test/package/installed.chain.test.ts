import { readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { JsonRpcProvider } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalChainFacts } from "../../src/cli/localChain.ts";
import { createProgram } from "../../src/cli/program.ts";
import { makeGuestCache } from "../support/guestCache.ts";
import { pinnedImageFiles } from "../support/guestRun.ts";
import { InstalledPackage } from "../support/installedPackage.ts";
import { runAssay } from "../support/spawned.ts";
import {
  checkExamples,
  compileConsumer,
  deployPayment,
  errorsWithRemapping,
  makeConsumer,
  runExample,
} from "./consumer.ts";

const mostBytes = 6 * 2 ** 20;

let installed: InstalledPackage;
let folder: string;
let chain: Awaited<ReturnType<InstalledPackage["start"]>>;
let facts: LocalChainFacts;
let provider: JsonRpcProvider;
beforeAll(async () => {
  installed = await InstalledPackage.install();
  folder = join(installed.folder, "work");
  await mkdir(join(folder, "project"), { recursive: true });
  await writeFile(join(folder, "project/file"), "content\n");
  chain = await installed.start(["chain", "--port", "0", "--json"], { folder });
  facts = JSON.parse(chain.line) as LocalChainFacts;
  provider = new JsonRpcProvider(facts.rpc, undefined, { cacheTimeout: -1 });
});
afterAll(async () => {
  provider?.destroy();
  await chain?.end();
  await installed?.remove();
});

/** Runs a command to its end, with the key of one of the local chain's accounts. */
async function assay(args: readonly string[], account?: number) {
  const environment = account === undefined ? {} : { ASSAY_KEY: facts.accounts[account]!.key };
  return await installed.run(args, { folder, environment });
}

/** The JSON that a command prints; it must end well. */
async function json(args: readonly string[], account?: number) {
  const { status, stdout, stderr } = await assay([...args, "--json"], account);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout);
}

async function skip(seconds: number): Promise<void> {
  await provider.send("evm_increaseTime", [seconds]);
  await provider.send("evm_mine", []);
}

describe("the archive", () => {
  it("has the name that the README installs", async () => {
    expect(await readFile("README.md", "utf8")).toContain(`npm install -g ${basename(installed.archive)} `);
  });

  it("is small, and holds nothing but what is used", () => {
    expect(installed.packedBytes).toBeLessThan(mostBytes);
    const unwanted = installed.files.filter((file) =>
      /\/testing\/|^src\/|^test\/|^scripts\/(?!ci\/assay\.sh$)|\.map$|churn|31337/.test(file),
    );
    expect(unwanted).toEqual([]);
    expect(installed.files).toEqual(expect.arrayContaining(["schema/tasks.json", "scripts/ci/assay.sh"]));
  });

  it("has every program that its modules import", async () => {
    const { dependencies, optionalDependencies } = JSON.parse(await readFile("package.json", "utf8"));
    const modules = installed.files.filter((file) => /^dist\/.*\.js$/.test(file));
    const imported = new Set<string>();
    for (const file of modules) {
      const text = await readFile(join(installed.root, file), "utf8");
      for (const [, name] of text.matchAll(
        /(?:^import|from|import\(|\)\()\s*"((?:@[\w.-]+\/)?[\w.-]+)(?:\/[^"]*)?"/gm,
      )) {
        if (/^\w/.test(name!) || name!.startsWith("@")) imported.add(name!);
      }
    }
    const declared = [...Object.keys(dependencies), ...Object.keys(optionalDependencies)];
    // `merkletreejs` wants `buffer` in browsers; the contracts import OpenZeppelin's.
    expect([...imported].sort()).toEqual(
      declared.filter((name) => !["buffer", "@openzeppelin/contracts"].includes(name)).sort(),
    );
  });
});

describe("the installed command", () => {
  it("shows help for everything it has", async () => {
    const { status, stdout } = await assay(["--help"]);
    expect(status).toBe(0);
    const names = (await createProgram(() => true)).commands.map((command) => command.name());
    for (const name of names) expect(stdout).toMatch(new RegExp(`^  ${name}[ |]`, "m"));
    const helps = await Promise.all(names.map(async (name) => await assay([name, "--help"])));
    for (const own of helps) expect({ status: own.status, stderr: own.stderr }).toEqual({ status: 0, stderr: "" });
  });

  it("plays a build from the request to the result", async () => {
    const artifact = join(folder, "out.tar.gz");
    const built = await json(["build", "project", "--artifact", artifact]);
    expect(readFileSync(artifact).length).toBe(Number(built.artifactSize));
    const requested = await json(["request", "project", "--reward", "0.05"], 1);
    expect(requested.buildId).toBe(built.buildId);
    expect((await assay(["result", "project"])).status).toBe(3);

    expect((await assay(["solver", "--once"], 2)).status).toBe(0);
    await skip(30);
    expect((await assay(["solver", "--once"], 2)).status).toBe(0);
    expect(await json(["claims"])).toMatchObject([{ fields: { buildId: built.buildId }, status: "open" }]);
    const configuration = (await readFile(join(folder, "assay.yaml"), "utf8")).replace(
      "state: ./state",
      "state: ./other",
    );
    await writeFile(join(folder, "verifier.yaml"), configuration);
    const verifier = await assay(["verifier", "--once", "--config", "verifier.yaml", "--log-level", "debug"], 3);
    expect(verifier).toMatchObject({ status: 0, stdout: expect.stringContaining('"msg":"claim is right"') });
    expect(await json(["disputes"])).toEqual([]);
    expect(await json(["trace", "project", "--at", "0:5"])).toMatchObject({ step: 5 });
    expect(await json(["status"], 2)).toMatchObject({ address: facts.accounts[2]!.address });
  });

  it("gives back what a contract of somebody else's waits for, once the build is final", async () => {
    const consumer = await makeConsumer(installed);
    await compileConsumer(consumer);
    expect(await errorsWithRemapping(consumer)).toEqual([]);
    const { buildId, artifactSha256 } = await json(["build", "project"]);
    const payee = facts.accounts[5]!.address;
    const payment = await deployPayment(consumer, facts, { buildId, artifactSha256, payee });
    await expect(payment.release.staticCall()).rejects.toMatchObject({ revert: { name: "NotFinal" } });
    const other = await deployPayment(consumer, facts, { buildId, artifactSha256: buildId, payee });

    await skip(2000);
    expect((await assay(["solver", "--once"], 2)).status).toBe(0);
    expect((await json(["result", "project", "--artifact", join(folder, "out.tar.gz")])).status).toBe("final");
    const before = await provider.getBalance(payee);
    await (await payment.release()).wait();
    expect((await provider.getBalance(payee)) - before).toBe(10n ** 18n);
    await expect(other.release.staticCall()).rejects.toMatchObject({ revert: { name: "OtherArtifact" } });
  });

  it("says in one sentence what a local chain, a guest and a repository need", async () => {
    const sentence = /^assay: [^\n]*\[[\w-]+\/[\w-]+\]\n$/;
    const hardhat = join(installed.root, "node_modules/hardhat");
    await rename(hardhat, `${hardhat}-away`);
    for (const command of [["chain", "--port", "0"], ["demo"]]) {
      const without = await assay(command);
      expect(without).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(sentence) });
      expect(without.stderr).toContain("npm install hardhat@3");
    }
    await rename(`${hardhat}-away`, hardhat);
    const guest = await assay(["guest", "build", "small"]);
    expect(guest).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(sentence) });
    expect(guest.stderr).toContain("assay env import <file>");
    await mkdir(join(folder, "repository/.git"), { recursive: true });
    const repository = await assay(["build", "repository"]);
    expect(repository).toMatchObject({ stdout: "", stderr: expect.stringMatching(sentence) });
    expect(repository.stderr).toContain("git");
  });

  it.skipIf(pinnedImageFiles() === undefined)(
    "takes an environment that somebody has exported, and runs it",
    async () => {
      const { xdgCacheHome, manifest } = await makeGuestCache(join(installed.folder, "cache"));
      const archive = join(installed.folder, "small.tar.gz");
      const options = { folder, environment: { XDG_CACHE_HOME: xdgCacheHome } };
      expect(await runAssay(["guest", "export", "small", "--to", archive], options)).toMatchObject({ status: 0 });
      expect((await json(["guest", "import", archive])).id).toBe(manifest.id);
      expect(await json(["guest", "list"])).toMatchObject([{ name: "small" }]);
      expect((await assay(["guest", "verify", "small"])).status).toBe(0);
      const shell = await installed.run(["guest", "shell"], { folder, input: "echo $((6 * 7))\nexit\n" });
      expect(shell).toMatchObject({ status: 0, stdout: expect.stringContaining("\r\n42\r\n") });
      const run = ["--env", "small", "--run", "cp file copy", "--out", "copy", "--no-console"];
      expect((await json(["build", "project", ...run, "--artifact", join(folder, "copy")])).exitCode).toBe(0);
      expect(readFileSync(join(folder, "copy"), "utf8")).toBe("content\n");
    },
  );

  it("plays the demo for somebody who has not installed it", async () => {
    const { status, stdout } = await installed.npx(
      ["--yes", "--package", installed.archive, "assay", "demo", "project"],
      { folder },
    );
    expect(stdout).toMatch(/\nAll facts hold: (\d+) of \1 checked, \d+ s\.\n$/);
    expect(status).toBe(0);
  });
});

describe("the package", () => {
  it("has written nothing into its own folder, and nothing but its cache into the user's", async () => {
    const own = new Set([...installed.files.map((file) => file.split("/")[0]), "node_modules"]);
    expect((await readdir(installed.root)).sort()).toEqual([...own].sort());
    expect((await readdir(join(installed.folder, "home"))).filter((name) => name !== ".npm")).toEqual([".cache"]);
    expect(await readdir(join(installed.folder, "home/.cache"))).toEqual(["assay"]);
  });
});

describe("the installed library", () => {
  it("has declarations that a strict compiler takes, and examples that run", async () => {
    const consumer = await makeConsumer(installed);
    await checkExamples(consumer);
    const { rpc, assay: address } = facts;
    const { buildId } = await json(["build", "project"]);
    expect(await runExample(consumer, "index", [rpc, address])).toMatch(/^build 0x[0-9a-f]{64} is unknown\n$/);
    expect(await runExample(consumer, "client", [rpc, address, buildId])).toMatch(/^built: sha256 0x/);
    expect(await runExample(consumer, "build")).toMatch(
      /^build 0x[0-9a-f]{64} ends in 0x[0-9a-f]{64} after \d+ ticks\n$/,
    );
    expect(await runExample(consumer, "source")).toBe("project: bin/hello in 112 bytes\ngit+https:\n");
    expect(await runExample(consumer, "guest")).toMatch(/^tcc -o main main.c: /);
    expect(await runExample(consumer, "store")).toBe("true\n");
    expect(await runExample(consumer, "chain", [rpc, address])).toMatch(/^\d+ events, \d+ claims\n$/);
    expect(await runExample(consumer, "contracts", [rpc, address])).toBe(`step verifier: ${facts.stepVerifier}\n`);
    expect(await runExample(consumer, "protocol")).toMatch(/^2\^16 ticks: window \d+ s, a challenge at most \d+ s\n$/);
    expect(await runExample(consumer, "machine")).toMatch(/^\d+ ticks end in 0x[0-9a-f]{64}\nafter 1000 steps/);
  });
});
