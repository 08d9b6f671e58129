import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./run.ts";
import { applyFix, tccFixes } from "./tccFixes.ts";

const configFile = fileURLToPath(new URL("tccConfig.h", import.meta.url));
const runtimeFile = fileURLToPath(new URL("runtime.c", import.meta.url));
const startFile = fileURLToPath(new URL("start.c", import.meta.url));

/** The compiler and what it links with, as files on the host. */
export interface TinyCompiler {
  readonly compiler: string;
  readonly includeFolder: string;
  /** Start and end files and the runtime library: name in the guest's folder of tcc -> file. */
  readonly libraries: Readonly<Record<string, string>>;
}

/** Cross-builds tcc for the guest from its source, and with a tcc of the host the objects it links into programs. */
export async function buildTcc(sourceArchive: string, work: string): Promise<TinyCompiler> {
  const source = join(work, "tcc");
  await mkdir(source, { recursive: true });
  await run("tar", ["-xjf", sourceArchive, "-C", source]);
  await copyFile(configFile, join(source, "config.h"));
  const at = (name: string) => join(source, name);
  for (const fix of tccFixes) await writeFile(at(fix.file), applyFix(await readFile(at(fix.file), "utf8"), fix));
  const here = { cwd: source };
  const common = ["-w", "-DONE_SOURCE=1", "-DTCC_TARGET_RISCV64", "-I.", "tcc.c"];
  await run("riscv64-linux-gnu-gcc", ["-O2", "-s", "-static", ...common, "-o", "tcc-guest", "-lm"], here);
  await run("gcc", ["-O1", ...common, "-o", "tcc-host", "-lm", "-ldl"], here);
  await writeFile(at("empty.c"), "");
  await run(at("tcc-host"), ["-c", "empty.c", "-o", "empty.o"], here);
  await run(at("tcc-host"), ["-Iinclude", "-c", "lib/lib-arm64.c", "-o", "lib-arm64.o"], here);
  await run(at("tcc-host"), ["-c", runtimeFile, "-o", "runtime.o"], here);
  await run(at("tcc-host"), ["-ar", "rc", "libtcc1.a", "lib-arm64.o", "runtime.o"], here);
  // tcc has no assembler for RISC-V, and its linker knows neither absolute addresses nor relaxation.
  const plain = ["-O1", "-ffreestanding", "-fpic", "-mno-relax", "-fno-asynchronous-unwind-tables"];
  await run("riscv64-linux-gnu-gcc", [...plain, "-c", startFile, "-o", "crt1.o"], here);
  return {
    compiler: at("tcc-guest"),
    includeFolder: at("include"),
    libraries: {
      "crt1.o": at("crt1.o"),
      "crti.o": at("empty.o"),
      "crtn.o": at("empty.o"),
      "libtcc1.a": at("libtcc1.a"),
    },
  };
}
