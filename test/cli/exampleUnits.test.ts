import { readdir, readFile } from "node:fs/promises";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { createProgram } from "../../src/cli/program.ts";

const folder = "docs/examples";
const units = (await readdir(folder)).filter((name) => name.endsWith(".service"));

const program = await createProgram(() => true);

/** The command that words name, and what is left of them. */
function commandOf(words: readonly string[]): { command: Command; rest: string[] } {
  let command: Command = program;
  let used = 0;
  for (;;) {
    const next = command.commands.find((each) => each.name() === words[used]);
    if (next === undefined) return { command, rest: words.slice(used) };
    command = next;
    used++;
  }
}

describe("the example units", () => {
  it("are there for every daemon", () => {
    expect(units).toEqual(
      expect.arrayContaining(["solver", "verifier", "monitor", "store"].map((name) => `assay-${name}.service`)),
    );
  });

  it.each(units)("%s starts a command that there is, with options that it has", async (name) => {
    const text = await readFile(`${folder}/${name}`, "utf8");
    const starts = [...text.matchAll(/^ExecStart=(\S+) (.+)$/gm)];
    expect(starts).toHaveLength(1);
    const [, program, line] = starts[0]!;
    expect(program).toBe("/usr/bin/assay");
    const { command, rest } = commandOf(line!.split(" "));
    expect(command.commands).toEqual([]);
    expect(command.parseOptions(rest)).toEqual({ operands: [], unknown: [] });
    const config = command.opts<{ config?: string }>().config;
    expect(config).toMatch(/^\/etc\/assay\/[a-z]+\.yaml$/);
    expect(text).toContain(`# Configuration: ${config}`);
  });

  it.each(units)("%s keeps its state where its comment says, and is not started again in vain", async (name) => {
    const text = await readFile(`${folder}/${name}`, "utf8");
    const folders = /^StateDirectory=(.+)$/m
      .exec(text)![1]!
      .split(" ")
      .map((name) => `/var/lib/${name}`);
    const named = [...text.matchAll(/^# +(?:state: |stores: .*"file:\/\/)([^"\n]+)/gm)].map(([, folder]) => folder);
    expect(named).toEqual(folders);
    expect(text).toMatch(/^RestartPreventExitStatus=2 7$/m);
  });
});
