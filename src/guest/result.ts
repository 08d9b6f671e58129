/** What the exit code of a build in a guest means (`README.md`, "Exit codes"). */

/** Codes that init gives instead of the command's own; a command that exits with one of these is reported as `reserved`. */
export const initExitCodes = {
  /** The input drive holds no build description. */
  badInput: 240,
  /** The command succeeded; at an output path there is neither a file nor a folder. */
  noOutput: 241,
  /** The command succeeded; its outputs are larger than the output drive. */
  outputTooLarge: 242,
  /** The command itself exited with a status from 240 to 249. */
  reserved: 249,
} as const;

/** Codes that the emulator gives when the guest left no artifact (`src/emulator/README.md`, "Result"). */
export const emulatorExitCodes = { noResult: 257, rebooted: 258, waitsForever: 259, tickLimit: 261 } as const;

const words: ReadonlyMap<number, string> = new Map([
  [0, "the command succeeded"],
  [126, "the command cannot be executed (126)"],
  [127, "the command was not found (127)"],
  [initExitCodes.badInput, "the input drive holds no readable build description"],
  [initExitCodes.noOutput, "the command succeeded, but at an output path it left neither a file nor a folder"],
  [initExitCodes.outputTooLarge, "the command succeeded, but its outputs do not fit into the output drive"],
  [initExitCodes.reserved, "the command failed with a status from 240 to 249"],
  [emulatorExitCodes.noResult, "the guest was shut down without leaving a result"],
  [emulatorExitCodes.rebooted, "the guest rebooted: its kernel panicked, or the command asked for it"],
  [emulatorExitCodes.waitsForever, "the guest waits for something that can never come"],
  [emulatorExitCodes.tickLimit, "the build used up its limit of ticks"],
]);

/** Numbers and names of the signals of RISC-V Linux that end a process. */
const signals: readonly (string | undefined)[] = [
  ...[undefined, "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL"],
  ...["SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM"],
];

/** The exit code in words, for people. Every code has some. */
export function describeGuestExit(code: number): string {
  const known = words.get(code);
  if (known !== undefined) return known;
  if (code > 128 && code <= 192) {
    const name = signals[code - 128];
    const hint = name === "SIGKILL" ? ", perhaps because memory ran out" : "";
    return `the command was killed by ${name ?? `signal ${code - 128}`}${hint} (${code})`;
  }
  return code > 0 && code <= 255 ? `the command failed with exit code ${code}` : `unknown exit code ${code}`;
}
