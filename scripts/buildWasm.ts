import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { loadKeccakKernel } from "../src/merkle/node/keccakKernelNode.ts";
import { deriveReleaseTarball, readKept, releaseTarballFile } from "../src/programs/releaseTarball/node/environment.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Of AssemblyScript's compiler, which is loaded only where there is something to compile: that takes seconds. */
const { version } = createRequire(import.meta.url)("assemblyscript/package.json") as { version: string };

/** AssemblyScript that several programs are built with. */
const sharedFolder = "src/core/assembly";

/**
 * One build: the folder that holds its sources, besides what is shared; its entry file there, in AssemblyScript or in
 * WebAssembly's text format; and the options of AssemblyScript's compiler.
 */
interface WasmTarget {
  readonly name: string;
  readonly folder: string;
  readonly entry: string;
  readonly options: readonly string[];
}

/** What is built, into `build/wasm/<name>.wasm`. The bytes depend on sources, options and the pinned compiler only. */
export const targets: readonly WasmTarget[] = [
  {
    name: "keccak",
    folder: "src/merkle/assembly",
    entry: "index.ts",
    options: ["-O3", "--runtime", "stub", "--enable", "simd", "--use", "abort="],
  },
  { name: "fingerprint", folder: "src/merkle/assembly", entry: "fingerprint.wat", options: [] },
  {
    name: "releaseTarball",
    folder: "src/programs/releaseTarball/assembly",
    entry: "index.ts",
    // Memory map: assembly/layout.ts and manifest.ts.
    options: [
      ...["--optimizeLevel", "3", "--shrinkLevel", "0", "--converge", "--noAssert"],
      ...["--runtime", "stub", "--use", "abort="],
      ...["--memoryBase", String(0x0c00_0000), "--initialMemory", "3136", "--maximumMemory", "3136"],
    ],
  },
  {
    name: "emulator",
    folder: "src/emulator/assembly",
    entry: "index.ts",
    // Static data, the constants of sha256, lie between the parameters and the TLBs (assembly/layout.ts).
    options: [
      ...["-O3", "--noAssert", "--runtime", "stub", "--use", "abort="],
      ...["--memoryBase", String(0x2000), "--initialMemory", "4096", "--maximumMemory", "4096"],
    ],
  },
  {
    name: "churn",
    folder: "test/programs/churn/assembly",
    entry: "index.ts",
    // The benchmarks' machine of 256 MiB.
    options: [
      ...["-O3", "--noAssert", "--runtime", "stub", "--use", "abort="],
      ...["--memoryBase", String(0x10_0000), "--initialMemory", "4096", "--maximumMemory", "4096"],
    ],
  },
];

/** Builds each target whose sources, options or compiler changed since its last build. */
export async function buildWasm(): Promise<void> {
  const out = join(root, "build", "wasm");
  await mkdir(out, { recursive: true });
  for (const target of targets) {
    const stamp = await stampOf(target);
    const stampFile = join(out, `${target.name}.stamp`);
    const binary = join(out, `${target.name}.wasm`);
    if (existsSync(binary) && existsSync(stampFile) && (await readFile(stampFile, "utf8")) === stamp) continue;
    await (target.entry.endsWith(".wat") ? assemble : compile)(target, binary);
    await writeFile(stampFile, stamp);
  }
  await deriveEnvironments();
}

async function compile(target: WasmTarget, binary: string): Promise<void> {
  const { default: asc } = await import("assemblyscript/asc");
  const entry = join(target.folder, target.entry);
  const { error, stderr } = await asc.main([
    entry,
    ...target.options,
    "--outFile",
    relative(root, binary),
    "--baseDir",
    root,
  ]);
  if (error) throw new Error(`asc ${target.name}: ${error.message}\n${stderr.toString()}`);
}

async function assemble({ folder, entry }: WasmTarget, binary: string): Promise<void> {
  const { default: wabtModule } = await import("wabt");
  const wabt = await wabtModule();
  const text = await readFile(join(root, folder, entry));
  // The package's types do not name this feature.
  const features: Record<string, boolean> = { simd: true, multi_memory: true };
  const module = wabt.parseWat(entry, text, features);
  try {
    await writeFile(binary, module.toBinary({}).buffer);
  } finally {
    module.destroy();
  }
}

async function stampOf(target: WasmTarget): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify([version, target]));
  for (const folder of [target.folder, sharedFolder]) {
    const files = await readdir(join(root, folder), { recursive: true });
    for (const file of files.filter((name) => /\.(ts|wat)$/.test(name)).sort()) {
      hash
        .update(file)
        .update("\0")
        .update(await readFile(join(root, folder, file)));
    }
  }
  return hash.digest("hex");
}

/** Derives the environments of the programs from their binaries, where that has not been done. */
async function deriveEnvironments(): Promise<void> {
  const kernel = await loadKeccakKernel();
  if ((await readKept(kernel)) !== undefined) return;
  const environment = await deriveReleaseTarball(kernel);
  await mkdir(new URL(".", releaseTarballFile), { recursive: true });
  await writeFile(releaseTarballFile, `${JSON.stringify(environment, undefined, 2)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await buildWasm();
