import { setImmediate } from "node:timers/promises";
import { identifyBuild } from "../build/node/identifyBuild.ts";
import { AssayError } from "../core/errors.ts";
import { inputImages } from "../environment/runnable.ts";
import { type EngineName, openEngine } from "../machine/native/engine/engines.ts";
import { type Difference, Lockstep, type TickEnd } from "../machine/native/engine/lockstep.ts";
import { nativeProgramOf } from "../machine/native/nativeProgram.ts";
import { loadKeccakKernel } from "../merkle/node/keccakKernelNode.ts";
import { type BuildOptions, buildRequestOf } from "./buildOptions.ts";
import { exitStatus } from "./exitStatus.ts";
import { type Output, table } from "./output.ts";

export type EnginePair = readonly [EngineName, EngineName];

/** Runs a build in two engines at once, and says where their states differ first; the exit status says whether they do. */
export async function compareEngines(
  location: string,
  options: BuildOptions,
  names: EnginePair,
  most: { readonly tick: number; readonly step?: number } | undefined,
  output: Output,
): Promise<void> {
  if (most?.step !== undefined) {
    throw new AssayError("cli/bad-argument", "engines are compared between ticks: --at takes a tick alone");
  }
  const { environment, drive, dependencies } = await identifyBuild(await buildRequestOf(location, options));
  const { program, drives } = await environment.open();
  const native = nativeProgramOf(program);
  const lockstep = new Lockstep({
    program: native,
    drives: [...drives, ...inputImages(environment, drive, await dependencies?.read())],
    kernel: await loadKeccakKernel(),
    engines: [openEngine(native, names[0]), openEngine(native, names[1])],
  });
  const progress = output.progress("lockstep");
  const result = await lockstep.run(most?.tick ?? Number.MAX_SAFE_INTEGER, async (ticks) => {
    progress.update(`${ticks} ticks agree`);
    // So that signals are heard.
    await setImmediate();
  });
  progress.end();
  const { ticks, ended, difference } = result;
  if (difference === undefined) {
    return output.data({ engines: names, ticks, ended, difference: null }, () => [
      `${names.join(" and ")} agree on ${ticks} ticks${ended ? ", to the program's end" : ""}`,
    ]);
  }
  process.exitCode = exitStatus.mismatch;
  const at = difference.kind === "memory" ? environment.describeAddress?.(difference.address) : undefined;
  output.data({ engines: names, ticks, ended, difference: { ...difference, ...(at !== undefined && { at }) } }, () =>
    table([["the engines part in tick", String(ticks - 1)], ...rowsOf(difference, names, at)]),
  );
}

function rowsOf(difference: Difference, [first, second]: EnginePair, at: string | undefined) {
  const rows: (readonly [string, string])[] = [];
  switch (difference.kind) {
    case "ending":
      return [[first, endInWords(difference.first)] as const, [second, endInWords(difference.second)] as const];
    case "global":
      rows.push(["in global", String(difference.index)], [first, difference.first], [second, difference.second]);
      return rows;
    case "memory": {
      const { page, pages, address } = difference;
      rows.push(["first page of 4 KiB", `${page}, and ${pages - 1} others`]);
      rows.push(["first byte", `0x${address.toString(16)}${at === undefined ? "" : `: ${at}`}`]);
      rows.push([first, `0x${difference.first.toString(16)}`], [second, `0x${difference.second.toString(16)}`]);
      return rows;
    }
  }
}

function endInWords(end: TickEnd): string {
  return "thrown" in end ? `threw: ${end.thrown}` : end.status;
}
