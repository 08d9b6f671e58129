/** What a build in a guest may take, and what to do when it has taken that: with numbers, and the option that changes them. */
import type { BuildCommand } from "../environment/runnable.ts";
import { artifactOffset } from "./layout.ts";
import type { GuestManifest } from "./manifest.ts";
import { emulatorExitCodes, initExitCodes } from "./result.ts";

const mebibyte = 2 ** 20;
/** 128 and SIGKILL: what a process ends with when memory ran out. */
const killed = 137;

/** Most ticks of a build. */
export function tickLimitOf({ tickLimit }: GuestManifest, command: BuildCommand): bigint {
  return command.tickLimit ?? BigInt(tickLimit);
}

/** The limits of a build in words. */
export function describeLimits(manifest: GuestManifest, command: BuildCommand): string {
  const { name, ramSize, inputLog2Size, outputLog2Size } = manifest;
  return (
    `${name}: ${ramSize / mebibyte} MiB of RAM, sources and dependencies up to ${2 ** inputLog2Size / mebibyte} MiB each, ` +
    `outputs up to ${2 ** outputLog2Size / mebibyte} MiB, ${ticksInWords(manifest, tickLimitOf(manifest, command))}`
  );
}

/** What to do about an exit code; undefined where only the command knows. */
export function adviseOnExit(manifest: GuestManifest, exitCode: number, command: BuildCommand): string | undefined {
  const { name, ramSize, outputLog2Size } = manifest;
  const rebuilt = (option: string) => `assay env build ${name}-large --like ${name} ${option}`;
  if (exitCode === emulatorExitCodes.tickLimit) {
    return `the limit was ${ticksInWords(manifest, tickLimitOf(manifest, command))}: --ticks raises it`;
  }
  if (exitCode === initExitCodes.outputTooLarge) {
    const room = 2 ** outputLog2Size - artifactOffset;
    return `the outputs may take ${room} bytes in ${name}; an environment with room for more: ${rebuilt("--output-size <size>")}`;
  }
  if (exitCode === killed) {
    return `if memory ran out: ${name} has ${ramSize / mebibyte} MiB of RAM; an environment with more: ${rebuilt("--ram <size>")}`;
  }
  return undefined;
}

function ticksInWords({ eventsPerTick }: GuestManifest, ticks: bigint): string {
  const instructions = Number(ticks) * eventsPerTick;
  const most = instructions < 1e10 ? `${Math.ceil(instructions / 1e6)} M` : `${Math.ceil(instructions / 1e9)} G`;
  return `${ticks} ticks, at most ${most} instructions`;
}
