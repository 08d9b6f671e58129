import { existsSync, readFileSync } from "node:fs";
import { small } from "../../scripts/guest/environment.ts";
import { readLock } from "../../scripts/guest/lock.ts";
import type { Hex } from "../../src/core/bytes.ts";
import { cacheFolder } from "../../src/core/node/cacheFolder.ts";
import type { BuildDescription } from "../../src/guest/buildDescription.ts";
import { parseLock } from "../../src/guest/images/lock.ts";
import { choicesOf, type EnvironmentSizes } from "../../src/guest/images/node/buildEnvironment.ts";
import { encodeInput } from "../../src/guest/inputDrive.ts";
import { artifactOffset, outputRecordOffset } from "../../src/guest/layout.ts";
import type { GuestSettings, Images } from "../../src/guest/manifest.ts";
import { imageFile } from "../../src/guest/node/environmentCache.ts";
import { environmentBinary, layoutOf, startDrives } from "../../src/guest/startMemory.ts";
import { loadClaimable } from "../../src/machine/claimable.ts";
import { startState } from "../../src/machine/program.ts";
import type { MachineState } from "../../src/machine/state.ts";
import { resume } from "../../src/machine/step/ending.ts";
import { resultRecordSize } from "../../src/programs/program.ts";
import { readResultRecord } from "../../src/programs/resultRecord.ts";
import type { Entry } from "../../src/source/source.ts";
import { emulatorBinary } from "./toyEnvironment.ts";

/** What a build in a guest left. */
export interface GuestRun {
  readonly exitCode: number;
  readonly artifact: Uint8Array;
  readonly artifactSha256: Hex;
  /** The record of outputs, as init wrote it; undefined where there is none. */
  readonly record: { readonly [name: string]: unknown } | undefined;
  /** The archive of reports that it names. */
  readonly reports: Uint8Array | undefined;
  /** The last MiB of what was written to the console. */
  readonly console: string;
  readonly ticks: number;
  /** Guest instructions. */
  readonly retired: number;
}

interface ImageFiles {
  readonly kernel: string;
  readonly root: string;
}

export type EnvironmentName = "small" | "c";

/** An environment that comes with Assay: what is chosen for it, and the sha256 of its root file system. */
function shipped(name: EnvironmentName): EnvironmentSizes & { readonly root?: string | undefined } {
  if (name === "small") return { ...small, root: readLock().images.small };
  return parseLock(readFileSync(new URL(`../../environments/${name}.json`, import.meta.url), "utf8"), name);
}

/** Files of an environment's pinned images, which are in the cache once it has been built; undefined when they are not. */
export function pinnedImageFiles(environment: EnvironmentName = "small"): ImageFiles | undefined {
  const [kernel, root] = [readLock().images.kernel, shipped(environment).root].map((sha256) =>
    imageFile(cacheFolder(), `0x${sha256}`),
  );
  return existsSync(kernel!) && existsSync(root!) ? { kernel: kernel!, root: root! } : undefined;
}

/** The time of every source and build. */
export const sourceTime = 1_700_000_000;

/** Runs a build of these files in a guest, natively, without hashing any state. */
export function runGuest(
  files: Readonly<Record<string, string>>,
  build: Partial<BuildDescription>,
  environment: EnvironmentName = "small",
): GuestRun {
  return runInput(encodeBuild(files, build), environment);
}

/**
 * The input drive of a build of these files.
 * @param dependenciesSize of the image in the dependency drive.
 */
export function encodeBuild(
  files: Readonly<Record<string, string>>,
  build: Partial<BuildDescription>,
  dependenciesSize = 0,
): Uint8Array {
  const entries = Object.entries(files).map(
    ([path, text]): Entry => ({ path, kind: "file", content: new TextEncoder().encode(text) }),
  );
  const description: BuildDescription = {
    command: "true",
    outputs: ["out"],
    variables: {},
    tickLimit: 400n,
    sourceDateEpoch: BigInt(sourceTime),
    ...build,
  };
  return encodeInput(description, { name: "source", time: sourceTime, entries }, 2 ** 26, dependenciesSize);
}

/**
 * Runs a guest on an input drive, whatever it holds.
 * @param afterTick told how many ticks are over, what was printed and what is in the machine's memory.
 */
export function runInput(
  input: Uint8Array,
  environment: EnvironmentName = "small",
  afterTick: (ticks: number, console: () => string, memory: Uint8Array) => void = () => {},
  dependencies: Uint8Array = new Uint8Array(0),
): GuestRun {
  const { settings, images, binary } = loadEnvironment(environment);
  const layout = layoutOf(settings);
  const { memory, tick } = new WebAssembly.Instance(new WebAssembly.Module(binary)).exports as unknown as {
    memory: WebAssembly.Memory;
    tick: () => number;
  };
  const bytes = new Uint8Array(memory.buffer);
  for (const drive of startDrives(settings, images)) bytes.set(drive.bytes, drive.address);
  bytes.set(input, layout.input.address);
  bytes.set(dependencies, layout.dependencies.address);
  const view = new DataView(memory.buffer);
  const printed = () => consoleOf(bytes, Number(view.getBigUint64(0x1400, true)));
  let ticks = 1;
  while (tick() === 0) afterTick(ticks++, printed, bytes);
  const record = readResultRecord(bytes.subarray(0, resultRecordSize));
  const { exitCode, artifactSize, artifactSha256 } = record;
  const artifactAt = layout.output.address + artifactOffset;
  return {
    exitCode,
    artifact: bytes.slice(artifactAt, artifactAt + Number(artifactSize)),
    artifactSha256,
    ...recordIn(bytes.subarray(layout.output.address, layout.output.address + layout.output.size)),
    console: printed(),
    ticks,
    retired: Number(view.getBigUint64(0x1310, true)),
  };
}

function recordIn(drive: Uint8Array): Pick<GuestRun, "record" | "reports"> {
  const length = Number(/^assay-output 2 \d+ (\d+) /.exec(Buffer.from(drive.subarray(0, 64)).toString())?.[1] ?? 0);
  if (length === 0) return { record: undefined, reports: undefined };
  const record = JSON.parse(Buffer.from(drive.subarray(outputRecordOffset, outputRecordOffset + length)).toString());
  const at = record.reports?.offset;
  return { record, reports: at === undefined ? undefined : drive.slice(at, at + record.reports.bytes) };
}

/** The machine of the small guest in a tick's first step, for the interpreter. @param memory what the tick begins with; copied. */
export function enterTick(memory: Uint8Array): MachineState {
  const state = startState(loadClaimable(loadEnvironment("small").binary));
  state.memory.set(memory);
  resume(state.registers);
  return state;
}

/**
 * The last MiB of what was written to the console, without what the kernel says as it switches off.
 * @param memory its first two MiB, at least.
 */
export function consoleOf(memory: Uint8Array, count: number): string {
  const ring = Buffer.from(memory.subarray(0x100000, 0x200000));
  const at = count % ring.length;
  const bytes =
    count <= ring.length ? ring.subarray(0, count) : Buffer.concat([ring.subarray(at), ring.subarray(0, at)]);
  return bytes.toString().replace(/\[ *\d+\.\d+\] reboot: Power down\r?\n$/, "");
}

export interface LoadedEnvironment {
  readonly settings: GuestSettings;
  readonly images: Images;
  readonly binary: Uint8Array<ArrayBuffer>;
}

const loaded = new Map<EnvironmentName, LoadedEnvironment>();

/** An environment made from pinned images that are in the cache, and the emulator's binary with its memory. */
export function loadEnvironment(name: EnvironmentName): LoadedEnvironment {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const files = pinnedImageFiles(name)!;
  const read = (file: string | URL) => new Uint8Array(readFileSync(file));
  const images: Images = { kernel: read(files.kernel), root: read(files.root) };
  const unused: Hex = `0x${"00".repeat(32)}`;
  const settings: GuestSettings = {
    name,
    program: { name: "emulator", sha256: unused },
    images: {
      kernel: { sha256: unused, size: images.kernel.length },
      root: { sha256: unused, size: images.root.length },
    },
    ...choicesOf(shipped(name)),
  };
  const environment = { settings, images, binary: new Uint8Array(environmentBinary(emulatorBinary, settings)) };
  loaded.set(name, environment);
  return environment;
}
