import { type Command, InvalidArgumentError } from "commander";
import { type InjectedFault, parseFault } from "../../agents/faults/injectedFault.ts";
import { machineFault } from "../../agents/faults/machineFault.ts";
import { type LocalRun, startLocalRun } from "../../build/node/localRun.ts";
import type { Root } from "../../core/bytes.ts";
import { AssayError } from "../../core/errors.ts";
import type { SymbolTable } from "../../emulator/symbols.ts";
import { type DisassembledLine, disassemble } from "../../machine/disassemble.ts";
import { type EngineName, engineNames } from "../../machine/native/engine/engines.ts";
import { Register, registerWords } from "../../machine/registers.ts";
import { findParting, type Parting } from "../../machine/traceDiff.ts";
import { sourceHelp } from "../../source/sourceHelp.ts";
import { type BuildOptions, buildRequestOf, withBuildOptions } from "../buildOptions.ts";
import { compareEngines, type EnginePair } from "../engineComparison.ts";
import { type GuestWords, guestWordsAt, linesOfGuest, readSymbolsOf } from "../guestWords.ts";
import { createOutput, type Output, table } from "../output.ts";

interface TracePosition {
  readonly tick: number;
  readonly step?: number;
}

interface Options extends BuildOptions {
  readonly at?: TracePosition;
  readonly fault: readonly string[];
  readonly diff?: string;
  readonly diffRev?: string;
  readonly engines?: EnginePair;
  readonly around: number;
  readonly symbols?: string;
  readonly json: boolean;
}

export function defineTrace(command: Command): void {
  command
    .argument("<source>", sourceHelp)
    .option("--at <tick[:step]>", "state after so many ticks, and so many steps of the next one", position)
    .option(
      "--fault <kind@tick:step>",
      "the trace of a run with this fault; without --diff or --at: where it parts",
      collect,
      [],
    )
    .option("--diff <source>", "name the first step where the trace of another source parts from this one")
    .option("--diff-rev <revision>", "revision of the other source; alone: of the same source")
    .option(
      "--engines <a,b>",
      `run two engines in lockstep, up to --at <tick>, and name where they part: ${engineNames.join(", ")}`,
      enginePair,
    )
    .option("--around <n>", "instructions shown before and after", (text) => Number(text), 5)
    .option("--symbols <elf>", "of a Linux guest: name its functions by this kernel or program (a RISC-V ELF file)");
  withBuildOptions(command)
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
Examples:
  assay trace . --at 0                     the build id
  assay trace . --at 100:5000              inside tick number 100, after 5000 of its steps
  assay trace . --fault memory@100:5000    the step at which a run with this fault parts from a right one
  assay trace . --env c --run make --at 300:1000000 --symbols vmlinux   the guest's instruction at a step
  assay trace . --diff-rev HEAD~1          where the build of the commit before parts from this one
  assay trace . --engines native,interpreter --at 50    whether two engines agree on the first 50 ticks

Exit status: 5 two engines do not agree.`,
    )
    .action(run);
}

function position(text: string): TracePosition {
  const match = /^(\d{1,13})(?::(\d{1,10}))?$/.exec(text);
  if (match === null) throw new InvalidArgumentError("expected <tick> or <tick>:<step>");
  return { tick: Number(match[1]), ...(match[2] !== undefined && { step: Number(match[2]) }) };
}

function enginePair(text: string): EnginePair {
  const names = text.split(",");
  const isKnown = (name: string | undefined): name is EngineName => (engineNames as readonly unknown[]).includes(name);
  const [first, second] = names;
  if (names.length !== 2 || !isKnown(first) || !isKnown(second)) {
    throw new InvalidArgumentError(`expected two of: ${engineNames.join(", ")}`);
  }
  return [first, second];
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

async function run(location: string, options: Options): Promise<void> {
  const output = createOutput(options.json);
  const faults = options.fault.map(parseFault);
  if (options.engines !== undefined)
    return await compareEngines(location, options, options.engines, options.at, output);
  const other = options.diff ?? (options.diffRev === undefined ? undefined : location);
  if (options.at !== undefined) {
    const local = await startRun(location, options, faults);
    try {
      await showPosition(local, options.at, await insideOptions(options), output);
    } finally {
      await local.session.close();
    }
    return;
  }
  if (other === undefined && faults.length === 0) {
    throw new AssayError(
      "cli/bad-argument",
      "say where to look (--at) or what to compare with (--diff, --fault, --engines)",
    );
  }
  const first = await startRun(location, options, []);
  const { rev, diffRev, ...build } = options;
  const revision = other === undefined ? rev : diffRev;
  const second = await startRun(
    other ?? location,
    revision === undefined ? build : { ...build, rev: revision },
    faults,
  );
  try {
    await showParting(first, second, await insideOptions(options), output);
  } finally {
    await first.session.close();
    await second.session.close();
  }
}

async function startRun(location: string, options: BuildOptions, faults: readonly InjectedFault[]): Promise<LocalRun> {
  return await startLocalRun(await buildRequestOf(location, options), ({ environment, drive }) => {
    const fault = machineFault(faults, environment, drive);
    return fault === undefined ? {} : { fault };
  });
}

/** What is shown around a step. */
interface InsideOptions {
  /** Instructions before and after. */
  readonly around: number;
  readonly symbols?: SymbolTable | undefined;
}

async function insideOptions({ around, symbols }: Options): Promise<InsideOptions> {
  return { around, symbols: await readSymbolsOf(symbols) };
}

async function showPosition(local: LocalRun, at: TracePosition, options: InsideOptions, output: Output): Promise<void> {
  if (at.step === undefined) {
    const [root] = await local.session.tickRoots([at.tick]);
    output.data({ ...at, root }, () =>
      table([
        ["tick", String(at.tick)],
        ["state root", root!],
      ]),
    );
    return;
  }
  const state = await lookInside(local, at.tick, at.step, options);
  output.data({ ...at, ...state }, () => [
    ...table([
      ["tick", String(at.tick)],
      ["step", `${at.step} of ${state.steps}`],
      ["state root", state.root],
      ...state.registers,
      ...(state.guest === undefined ? [] : linesOfGuest(state.guest)),
    ]),
    "",
    ...linesOf(state.code, state.pc),
  ]);
}

/** Where two traces part, and how it is there. */
export interface PartingInside extends Inside {
  readonly parting: Parting;
  /** States after the step. */
  readonly first: Root;
  readonly second: Root;
}

/**
 * Where the traces of two runs part; undefined if they agree, `"start"` if they are of two builds.
 * @param around how many instructions before and after are shown.
 */
export async function partingOf(
  first: LocalRun,
  second: LocalRun,
  options: InsideOptions,
): Promise<PartingInside | "start" | undefined> {
  const parting = await findParting(first.session, second.session);
  if (parting === undefined || parting === "start") return parting;
  const { tick, step } = parting;
  const state = await lookInside(first, tick, step, options);
  const [ours] = await first.session.stepRoots(tick, [step + 1]);
  const [theirs] = await second.session.stepRoots(tick, [step + 1]);
  return { parting, ...state, first: ours!, second: theirs! };
}

async function showParting(first: LocalRun, second: LocalRun, options: InsideOptions, output: Output): Promise<void> {
  const found = await partingOf(first, second, options);
  if (found === undefined) {
    output.data({ parting: null }, () => ["the traces agree"]);
    return;
  }
  if (found === "start") {
    output.data({ parting: "start" }, () => ["the traces part before the first step: these are two different builds"]);
    return;
  }
  output.data(found, () => linesOfParting(found));
}

export function linesOfParting(found: PartingInside): string[] {
  const { parting, steps, root, registers, code, pc, first, second, guest } = found;
  return [
    ...table([
      ["the traces part in tick", String(parting.tick)],
      ["at its step", `${parting.step} of ${steps}`],
      ["state before", root],
      ["state after, first", first],
      ["state after, second", second],
      ...registers,
      ...(guest === undefined ? [] : linesOfGuest(guest)),
    ]),
    "",
    ...linesOf(code, pc),
  ];
}

interface Inside {
  readonly root: Root;
  readonly steps: number;
  readonly pc: number;
  readonly registers: readonly (readonly [string, string])[];
  readonly code: readonly DisassembledLine[];
  /** Of builds in Linux. */
  readonly guest?: GuestWords | undefined;
}

/** The state after some steps of a tick. Its registers stand at the head of the next step's witness. */
async function lookInside(
  local: LocalRun,
  tick: number,
  step: number,
  { around, symbols }: InsideOptions,
): Promise<Inside> {
  const { session, claimable } = local;
  const { steps } = await session.openTick(tick);
  const [root] = await session.stepRoots(tick, [step]);
  const witness = await session.stepWitness(tick, step);
  const words = new DataView(witness.buffer, witness.byteOffset, 4 * registerWords);
  const names = ["pc", "sp", "fp", "status", "trapCode"] as const;
  const registers = names.map((name) => [name, String(words.getUint32(4 * Register[name], true))] as const);
  const pc = words.getUint32(4 * Register.pc, true);
  const guest = await guestWordsAt(local, tick, step, symbols);
  return { root: root!, steps, pc, registers, code: disassemble(claimable, pc, around, around), guest };
}

function linesOf(code: readonly DisassembledLine[], pc: number): string[] {
  let last: string | undefined;
  return code.flatMap(({ pc: at, text, functionName }) => {
    const heading = functionName !== last && functionName !== undefined ? [`${functionName}:`] : [];
    last = functionName;
    return [...heading, `${at === pc ? "->" : "  "} ${String(at).padStart(8)}  ${text}`];
  });
}
