import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Command, InvalidArgumentError } from "commander";
import { AssayError } from "../../core/errors.ts";
import { packageFiles } from "../../core/node/packageFiles.ts";
import { defaultMaxTicks, runElf } from "../../emulator/runElf.ts";
import { createOutput } from "../output.ts";

interface Options {
  readonly maxTicks: number;
  readonly memory: number;
  readonly json: boolean;
}

/** Exit codes of the program above this one do not fit into an exit status. */
const greatestStatus = 255;

export function defineEmulator(command: Command): void {
  command
    .command("run")
    .argument("<elf>", "static RV64 executable linked at 0x80000000, such as those of riscv-tests")
    .description("run a program in M mode without firmware until it stores an odd value to `tohost`")
    .option("--max-ticks <n>", "give up after so many ticks of 4096 events", positive, defaultMaxTicks)
    .option("--memory <MiB>", "guest memory from 0x80000000 on, 1 to 224 MiB", positive, 32)
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
Exit status: the value in \`tohost\` shifted right by one (255 when it is larger); what the program prints goes to stdout.
Where it could not be run, or did not end, that is said on stderr, and the status is 1 (2: wrong arguments).

Examples:
  assay emulator run rv64ui-p-add
  assay emulator run rv64si-p-dirty --json`,
    )
    .action(run)
    .exitOverride();
}

function positive(text: string): number {
  const value = Number(text);
  if (!/^\d{1,10}$/.test(text) || value < 1) throw new InvalidArgumentError("expected a number from 1 on");
  return value;
}

async function run(file: string, options: Options): Promise<void> {
  const output = createOutput(options.json);
  const elf = await read(file, "name an ELF file");
  const binary = await read(
    fileURLToPath(new URL("emulator.wasm", packageFiles.wasm)),
    "`npm run build:wasm` builds it",
  );
  const { maxTicks, memory } = options;
  const result = runElf(new WebAssembly.Module(binary), elf, { maxTicks, guestSize: memory * 2 ** 20 });
  const text = new TextDecoder().decode(result.console);
  const { exitCode, ticks, retired } = result;
  output.data({ exitCode, ticks, retired, console: text }, () =>
    text.split("\n").slice(0, text === "" ? 0 : undefined),
  );
  output.note(`exit code ${exitCode} after ${retired} instructions`);
  process.exitCode = exitCode > greatestStatus ? greatestStatus : Number(exitCode);
}

async function read(file: string, advice: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (cause) {
    throw new AssayError("cli/bad-argument", `cannot read ${file}: ${advice}`, { file }, { cause });
  }
}
