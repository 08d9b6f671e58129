import { readFile } from "node:fs/promises";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { statusOfResult } from "../../src/cli/commands/result.ts";
import { exitStatus, statusOf } from "../../src/cli/exitStatus.ts";
import { createOutput, grid, toJson } from "../../src/cli/output.ts";
import { createProgram } from "../../src/cli/program.ts";
import type { FinalResult } from "../../src/client/results.ts";
import { AssayError } from "../../src/core/errors.ts";

const { commands } = await createProgram(() => true);
const documented = await readFile("docs/cli.md", "utf8");

describe("the command line", () => {
  const leaves = commands.flatMap((command) => (command.commands.length === 0 ? [command] : command.commands));
  it.each(leaves.map((command) => [command.name(), command] as const))("shows examples for %s", (_, command) => {
    let help = "";
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    expect(help).toContain("Examples:");
  });

  it("is described with every command it has", () => {
    const described = [...documented.matchAll(/^\| `assay ([a-z-]+(?: [a-z-]+)?)/gm)].map(([, name]) => name);
    const names = commands.flatMap((command) =>
      command.commands.length === 0
        ? [command.name()]
        : command.commands.map((each) => `${command.name()} ${each.name()}`),
    );
    expect(described.sort()).toEqual(names.sort());
  });

  it("loads no command, and no library of one, to show its own help", async () => {
    const { metafile } = await build({
      ...{ entryPoints: ["src/cli/runCommandLine.ts"], bundle: true, splitting: true, outdir: "build/none" },
      ...{ format: "esm", platform: "node", packages: "external", write: false, metafile: true },
    });
    const loaded = new Set(["build/none/runCommandLine.js"]);
    for (const file of loaded) {
      for (const { path, kind } of metafile.outputs[file]?.imports ?? []) {
        if (kind === "import-statement") loaded.add(path);
      }
    }
    const libraries = [...loaded].filter((path) => !/^node:|^build\/none\//.test(path));
    expect(libraries.sort()).toEqual(["commander"]);
    const sources = [...loaded].flatMap((file) => Object.keys(metafile.outputs[file]?.inputs ?? {}));
    expect(sources).toContain("src/cli/commands.ts");
    expect(sources.filter((file) => file.startsWith("src/cli/commands/"))).toEqual([]);
  });

  it("is described with every exit status it has", () => {
    const described = [...documented.matchAll(/^\| (\d) +\|/gm)].map(([, status]) => Number(status));
    expect(described).toEqual(Object.values(exitStatus));
  });
});

describe("the exit status", () => {
  it.each([
    ["chain/unreachable-fault", 6],
    ["chain/stalled-fault", 6],
    ["chain/contradiction-fault", 6],
    ["chain/no-agreement-fault", 6],
    ["chain/wrong-chain", 7],
    ["chain/other-machine", 7],
    ["chain/key-permissions", 2],
    ["attestation/key-permissions", 2],
    ["cli/diff-unavailable", 6],
    ["chain/no-block-tag", 2],
    ["deployment/bad-parameters", 2],
    ["deployment/bad-record", 2],
    ["deployment/other-record", 2],
    ["deployment/evm-lacks", 7],
    ["deployment/not-kept", 7],
    ["deployment/failed", 1],
    ["chain/fee-cap", 1],
    ["agents/fault-refused", 2],
    ["source/bad-revision", 2],
    ["chain/insufficient-funds", 1],
    ["store/full-fault", 1],
    ["store/port-fault", 1],
    ["store/bad-id", 2],
    ["guest/bad-image", 5],
    ["guest/other-bytes", 5],
    ["guest/other-environment", 5],
    ["guest/bad-archive", 1],
    ["dependencies/stale-lock", 2],
    ["dependencies/other-content", 5],
    ["dependencies/other-image", 5],
    ["dependencies/not-found", 1],
  ] as const)("of an error %s is %i", (code, status) => {
    expect(statusOf(new AssayError(code, "", {} as never))).toBe(status);
  });

  const final: FinalResult = {
    status: "final",
    buildId: "0x00",
    refuted: 0,
    finalizedAt: 1,
    claimId: "0x01",
    finalRoot: "0x02",
    end: "halted",
    trapCode: 0,
    recordVersion: 1,
    exitCode: 0,
    artifactSize: 1n,
    artifactSha256: "0xaa",
  };
  it.each([
    ["a success without an artifact at hand", final, undefined, 0],
    ["the right artifact", final, "0xaa", 0],
    ["another artifact", final, "0xbb", 5],
    ["a program that failed", { ...final, exitCode: 4 }, "0xaa", 8],
    ["a program that trapped", { ...final, end: "trapped" }, undefined, 8],
    ["a record that nobody can read", { ...final, recordVersion: 2 }, undefined, 8],
    ["nothing known", { status: "unknown", buildId: "0x00", refuted: 0 }, undefined, 3],
    ["only refuted claims", { status: "unknown", buildId: "0x00", refuted: 2 }, undefined, 4],
    ["a new claim after a refuted one", { status: "open", buildId: "0x00", refuted: 1 }, undefined, 3],
    ["contradicting claims", { status: "contradicted", buildId: "0x00", refuted: 0 }, "0xaa", 3],
  ] as const)("for %s is right", (_, result, artifact, status) => {
    expect(statusOfResult(result, artifact)).toBe(status);
  });
});

describe("output", () => {
  it("keeps quiet in a pipe, and under --json everywhere", () => {
    const written: string[] = [];
    const stream = (isTTY: boolean) => ({ isTTY, write: (text: string) => written.push(text) }) as never;
    createOutput(false, stream(false), stream(false)).note("remark");
    createOutput(true, stream(true), stream(true)).progress("build").update("3 ticks");
    expect(written).toEqual([]);
    createOutput(true, stream(false), stream(false)).data({ wei: 10n ** 20n }, () => ["text"]);
    expect(written).toEqual(['{"wei":"100000000000000000000"}\n']);
  });

  it("aligns grids, numbers to the right", () => {
    expect(
      grid(
        ["name", "n"],
        [
          ["a", "5"],
          ["longer", "12,345"],
        ],
      ),
    ).toEqual(["name         n", "a            5", "longer  12,345"]);
    expect(toJson({ a: [1n] })).toBe('{"a":["1"]}');
  });
});
