import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../src/agents/agent.ts";
import { environmentNamed } from "../../src/build/node/environments.ts";
import { finishLocalRun } from "../../src/build/node/finishedLocalRun.ts";
import { startLocalRun } from "../../src/build/node/localRun.ts";
import { provenStep } from "../../src/chain/provenStep.ts";
import { AgentWorld } from "../support/agentWorld.ts";
import { disputeMoves } from "../support/disputeMoves.ts";

const limits = { ...defaultLimits, parallelChallenges: 1 };
const patience = 1800;

interface Language {
  readonly environment: string;
  /** Its source: name -> text. */
  readonly files: Readonly<Record<string, string>>;
  readonly command: string;
  readonly output: string;
}

const languages: Readonly<Record<string, Language>> = {
  C: {
    environment: "c",
    files: { "hello.c": '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n' },
    command: "gcc -O2 -o hello hello.c && ./hello",
    output: "hello",
  },
  TypeScript: {
    environment: "node",
    files: { "hello.ts": 'const greet = (name: string): string => "hello, " + name;\nconsole.log(greet("guest"));\n' },
    command: "tsc --target es2022 --lib es2022,dom hello.ts && node hello.js",
    output: "hello.js",
  },
  Python: {
    environment: "python",
    files: { "hello.py": 'def greet(name):\n    return f"hello, {name}"\n\n\nprint(greet("guest"))\n' },
    command: "python3 -m compileall -q --invalidation-mode unchecked-hash hello.py && python3 __pycache__/hello.*.pyc",
    output: "__pycache__",
  },
  Go: {
    environment: "go",
    files: { "go.mod": "module hello\n\ngo 1.24\n", "main.go": 'package main\n\nfunc main() { println("hello") }\n' },
    command: "go build -o hello . && ./hello",
    output: "hello",
  },
  Rust: {
    environment: "rust",
    files: { "hello.rs": 'fn main() {\n    println!("hello");\n}\n' },
    command: "rustc -o hello hello.rs && ./hello",
    output: "hello",
  },
};

/** Those that `ASSAY_LANGUAGES` names, or `all`: each takes minutes. */
const wanted = process.env.ASSAY_LANGUAGES?.split(",") ?? [];
const tried = Object.keys(languages).filter((name) => wanted.includes(name) || wanted.includes("all"));

describe.runIf(tried.length > 0)("a fault in the middle of a compile", () => {
  it.each(tried)(
    "of %s is found by a verifier, and its step executed by the contract",
    async (name) => {
      const { environment: environmentName, files, command, output } = languages[name]!;
      const environment = await environmentNamed(environmentName);
      const world = await AgentWorld.start({ environments: [environment], blockMilliseconds: 1000 });
      try {
        const begun = Date.now();
        const source = await sourceOf(files);
        const build = { environment: environmentName, command: { command, outputs: [output] } };
        const { ticks, seconds } = await honestRun({ source, ...build });
        const tick = Math.floor(ticks / 2);
        const buildId = await world.request(source, { build });
        const solver = await world.solver([`register@${tick}:1000`], { limits });
        const verifier = await world.verifier({ limits });
        const claim = await world.until(
          "the wrong claim refuted",
          () => [...world.ledger.history.claims.values()].find(({ refutation }) => refutation !== undefined),
          patience,
        );
        expect(claim.fields.buildId).toBe(buildId);
        expect(claim.solver).toBe(solver.wallet.address);
        expect(claim.refutation).toMatchObject({ cause: "fault", rewarded: verifier.wallet.address });
        const { provider } = world.chain;
        expect(await provenStep(provider, claim.refutation!.transaction)).toMatchObject({ tick, step: 999 });
        const moves = await disputeMoves(
          world.chain,
          world.ledger.history.challenges.get(claim.refutation!.challengeId)!,
        );
        const facts = { ticks, tick, moves: moves.length, runSeconds: seconds, seconds: (Date.now() - begun) / 1000 };
        await keep(name, facts);
        await rm(source, { recursive: true, force: true });
      } finally {
        await world.close();
      }
    },
    7_200_000,
  );
});

async function sourceOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "assay-language-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

/** Its length, and that it succeeds. */
async function honestRun(request: Parameters<typeof startLocalRun>[0]) {
  const run = await startLocalRun(request);
  try {
    const { record, ticks, seconds } = await finishLocalRun(run, () => {});
    expect(record.exitCode).toBe(0);
    return { ticks, seconds };
  } finally {
    await run.session.close();
  }
}

/** Where `npm run test:environments` looks for what a dispute took. */
async function keep(name: string, facts: Readonly<Record<string, number>>): Promise<void> {
  const folder = new URL("../../build/disputes/", import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(new URL(`${name}.json`, folder), `${JSON.stringify(facts)}\n`);
  console.log(`${name}: ${JSON.stringify(facts)}`);
}
