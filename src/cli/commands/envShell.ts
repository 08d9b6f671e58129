import type { Command } from "commander";
import { AssayError } from "../../core/errors.ts";
import { cacheFolder } from "../../core/node/cacheFolder.ts";
import type { BuildDescription } from "../../guest/buildDescription.ts";
import { encodeInput } from "../../guest/inputDrive.ts";
import { InteractiveGuest } from "../../guest/interactiveGuest.ts";
import type { GuestManifest } from "../../guest/manifest.ts";
import { readEmulator } from "../../guest/node/deriveEnvironment.ts";
import { readImages, readManifest } from "../../guest/node/environmentCache.ts";
import { describeGuestExit, emulatorExitCodes } from "../../guest/result.ts";
import { loadKeccakKernel } from "../../merkle/node/keccakKernelNode.ts";
import { readSource } from "../../source/node/readSource.ts";
import type { SourceTree } from "../../source/source.ts";
import { runConsole } from "../guestConsole.ts";
import { Terminal } from "../terminal.ts";

interface Options {
  readonly env: string;
  readonly source?: string;
  readonly rev?: string;
}

const maxTicks = 2n ** 40n;

export function addEnvShell(env: Command): void {
  env
    .command("shell")
    .description("a console in a guest, to prepare a build; what happens there is not claimable")
    .option("--env <name>", "environment in the cache", "small")
    .option("--source <location>", "put this source into the guest's folder /w, as a build does")
    .option("--rev <revision>", "commit, tag or branch of a repository (default: HEAD)")
    .addHelpText(
      "after",
      `
Ends when the guest's shell ends (exit, Ctrl-D); Ctrl-] leaves at once. All other keys go to the guest, Ctrl-C and Ctrl-Z too.
The guest is told the window's size when it starts; after a change, type \`stty rows <n> cols <n>\` there. Input from a pipe
works as well; at its end the guest is told that there is no more, and its clock is no longer held back.

Exit status: 0 the guest was left or its shell ended, with whatever status.

Examples:
  assay env shell --env small --source .
  echo 'tcc -v; exit' | assay env shell`,
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  const folder = cacheFolder();
  const manifest = await readManifest(folder, options.env, await loadKeccakKernel());
  const emulator = await readEmulator(manifest);
  const images = await readImages(folder, manifest);
  const input = await readInput(manifest, options);
  const guest = new InteractiveGuest(emulator, manifest, images, input);
  say(`console of ${manifest.name} (${manifest.id}). NOT CLAIMABLE: no build id says what is typed here.`);
  const farewell = () => {
    const end = guest.ended ? describeEnd(guest.exitCode) : "left the guest";
    say(`${end}. Nothing of this was claimable.`, "\n", "\n");
  };
  const terminal = new Terminal(farewell);
  if (terminal.isTerminal) say("Ctrl-] leaves; `exit` or Ctrl-D ends the guest's shell.", "\r\n");
  try {
    await runConsole(guest, terminal);
  } finally {
    terminal.close();
    farewell();
  }
}

function say(text: string, end = "\n", start = ""): void {
  process.stderr.write(`${start}assay: ${text}${end}`);
}

function describeEnd(exitCode: number): string {
  const own = Object.values(emulatorExitCodes) as number[];
  return own.includes(exitCode) ? describeGuestExit(exitCode) : `the guest's shell ended with status ${exitCode}`;
}

async function readInput(manifest: GuestManifest, { source, rev }: Options): Promise<Uint8Array> {
  const capacity = 2 ** manifest.inputLog2Size;
  if (source === undefined) {
    if (rev !== undefined) throw new AssayError("cli/bad-argument", "--rev goes with --source");
    return encode({ name: "source", time: Math.floor(Date.now() / 1000), entries: [] }, capacity);
  }
  const revision = rev === undefined ? {} : { revision: rev };
  return (await readSource(source, { ...revision, capacity, encode })).drive;
}

function encode(tree: SourceTree, capacity: number): Uint8Array {
  const { columns, rows } = process.stdout;
  const size = process.stdout.isTTY === true ? `stty rows ${rows} cols ${columns} </dev/hvc0; ` : "";
  const description: BuildDescription = {
    // The command leads a session without a terminal: the first that it opens becomes its own, which job control and Ctrl-C need.
    command: `stty opost </dev/hvc0; ${size}exec sh -i </dev/hvc0 >/dev/hvc0 2>&1`,
    outputs: [],
    variables: { PS1: "guest:\\w\\$ ", TERM: process.stdin.isTTY === true ? (process.env.TERM ?? "vt100") : "dumb" },
    tickLimit: maxTicks,
    sourceDateEpoch: BigInt(tree.time),
  };
  return encodeInput(description, tree, capacity);
}
