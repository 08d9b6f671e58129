/**
 * The same guests in qemu-system-riscv64: the same kernel, root file system, drives and device tree, behind firmware that
 * serves what the emulator serves. The guest's memory only lies higher, since QEMU needs the beginning for the firmware.
 */
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { guestBase } from "../../src/emulator/addresses.ts";
import { encodeDeviceTree, guestDeviceTree } from "../../src/guest/deviceTree.ts";
import { type GuestLayout, physical } from "../../src/guest/layout.ts";
import { bootArguments, layoutOf } from "../../src/guest/startMemory.ts";
import { loadEnvironment } from "../../test/support/guestRun.ts";
import { inputOf, type JobName, jobOf } from "./jobs.ts";

const emulator = "qemu-system-riscv64";
const compiler = "riscv64-linux-gnu-gcc";
/** By how much the guest's memory is shifted, and what is left free behind it for QEMU's own device tree. */
const shift = 64 * 2 ** 20;
const behind = 64 * 2 ** 20;
/** What the hart of the emulator has; everything else is switched off. */
const hart = ["v", "h", "sstc", "zba", "zbb", "zbc", "zbs", "pmp"].map((name) => `${name}=off`).join(",");
const limitMilliseconds = 900_000;

const run = promisify(execFile);

/** Why no guest can be run in QEMU here; undefined when it can. */
export async function qemuIsMissing(): Promise<string | undefined> {
  for (const tool of [emulator, compiler]) {
    try {
      await run(tool, ["--version"]);
    } catch {
      return `${tool} is not installed`;
    }
  }
  return undefined;
}

export interface QemuRun {
  /** From the guest's first instruction to power-off: QEMU has started, loaded everything and waits. */
  readonly seconds: number;
  /** The artifact in the output drive. */
  readonly artifact: Uint8Array;
}

/** @param countInstructions whether the guest's time is that of instructions, 10^9 in a second, as in the emulator. */
export async function runInQemu(job: JobName, countInstructions = false): Promise<QemuRun> {
  const folder = await mkdtemp(join(tmpdir(), "bench-qemu-"));
  try {
    const { settings, images } = loadEnvironment(jobOf(job).environment);
    const layout = shifted(layoutOf(settings));
    const parts = [
      ["root", layout.root.address, images.root],
      ["input", layout.input.address, inputOf(job)],
      ["tree", layout.deviceTree, encodeDeviceTree(guestDeviceTree(layout, bootArguments(layout)))],
      ["kernel", layout.kernel, images.kernel],
    ] as const;
    for (const [name, , bytes] of parts) await writeFile(join(folder, name), bytes);
    const firmware = await compileFirmware(folder, layout);
    const end = physical(layout.ram.address + layout.ram.size) - guestBase;
    const loaders = parts.flatMap(([name, at]) => [
      "-device",
      `loader,file=${join(folder, name)},addr=${physical(at)},force-raw=on`,
    ]);
    const options = [
      ...["-M", "virt", "-cpu", `rv64,${hart}`, "-smp", "1", "-m", `${Math.ceil((end + behind) / 2 ** 20)}M`],
      ...["-accel", "tcg,thread=single", "-display", "none", "-net", "none", "-bios", firmware],
      ...["-S", "-no-reboot", "-no-shutdown", "-qmp", "stdio", "-serial", `file:${join(folder, "console")}`],
      ...(countInstructions ? ["-icount", "shift=0,sleep=off"] : []),
      ...loaders,
    ];
    const output = { address: physical(layout.output.address), size: layout.output.size, file: join(folder, "output") };
    const seconds = await supervise(options, output);
    return { seconds, artifact: artifactOf(await readFile(output.file)) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function shifted(layout: GuestLayout): GuestLayout {
  const moved = ({ address, size }: { address: number; size: number }) => ({ address: address + shift, size });
  return {
    ...layout,
    root: moved(layout.root),
    input: moved(layout.input),
    dependencies: moved(layout.dependencies),
    output: moved(layout.output),
    ram: moved(layout.ram),
    kernel: layout.kernel + shift,
    deviceTree: layout.deviceTree + shift,
  };
}

async function compileFirmware(folder: string, layout: GuestLayout): Promise<string> {
  const file = join(folder, "firmware.elf");
  await run(compiler, [
    ...[
      "-march=rv64imac_zicsr",
      "-mabi=lp64",
      "-mcmodel=medany",
      "-O2",
      "-ffreestanding",
      "-nostdlib",
      "-static",
      "-no-pie",
    ],
    ...[`-Wl,--section-start=.entry=0x${hex(guestBase)},-Ttext=0x${hex(guestBase + 4096)}`],
    "-Wl,--build-id=none,--no-relax,-n",
    ...[`-DKERNEL=${physical(layout.kernel)}`, `-DDEVICE_TREE=${physical(layout.deviceTree)}`],
    ...["-o", file, fileURLToPath(new URL("./firmware.c", import.meta.url))],
  ]);
  return file;
}

function hex(address: number): string {
  return address.toString(16);
}

/** Starts QEMU, lets the guest run to power-off, has the output drive written to a file. @returns the guest's seconds */
async function supervise(
  options: readonly string[],
  output: { readonly address: number; readonly size: number; readonly file: string },
): Promise<number> {
  const child = spawn(emulator, options, { stdio: ["pipe", "pipe", "pipe"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), limitMilliseconds);
  let complaint = "";
  child.stdin.on("error", () => {});
  child.stderr.on("data", (data: Buffer) => {
    complaint += data.toString();
  });
  const say = (execute: string, values: object = {}) =>
    child.stdin.write(`${JSON.stringify({ execute, arguments: values })}\n`);
  let started = 0;
  let seconds: number | undefined;
  let saved = false;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const message = JSON.parse(line) as { QMP?: object; event?: string; return?: object; error?: object };
      if (message.error !== undefined) throw new Error(`QEMU: ${line}`);
      if (message.QMP !== undefined) {
        say("qmp_capabilities");
        started = performance.now();
        say("cont");
      } else if (message.event === "SHUTDOWN" && seconds === undefined) {
        seconds = (performance.now() - started) / 1000;
        say("pmemsave", { val: output.address, size: output.size, filename: output.file });
        say("quit");
      } else if (message.return !== undefined && seconds !== undefined) saved = true;
    }
  } finally {
    clearTimeout(timer);
    child.kill("SIGKILL");
  }
  if (seconds === undefined || !saved) throw new Error(`QEMU ended before its guest: ${complaint}`);
  return seconds;
}

/** What follows the header `assay-output 1 <exit code> <size>`. */
function artifactOf(drive: Uint8Array): Uint8Array {
  const header = Buffer.from(drive.subarray(0, 64)).toString("latin1");
  const [, exitCode, size] = /^assay-output 1 (\d+) (\d+)\n/.exec(header) ?? [];
  if (exitCode !== "0") throw new Error(`QEMU's guest left ${JSON.stringify(header)}`);
  return drive.subarray(64, 64 + Number(size));
}
