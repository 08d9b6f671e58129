import { execFileSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { command, type Demo } from "../../src/demo/demo.ts";
import { check, remark } from "../../src/demo/screen.ts";
import { findUnreadByte } from "./guestMemory.ts";

/** The source: a C program and a TypeScript bundle, and the script that builds both in the guest. */
const source = fileURLToPath(new URL("./sample", import.meta.url));
const environment = "small";
const compile = { command: "sh build.sh", outputs: ["dist.tar"] };
const build = [
  source,
  "--env",
  environment,
  "--run",
  compile.command,
  ...compile.outputs.flatMap((path) => ["--out", path]),
];
/** What the programs print first; the wrong solver changes the first letter of the C program's. */
const truth = "does what its source says, and nothing that its source does not say";
const printed = `this program ${truth}`;

/** The build of `sample/`, and a solver that changes what its C program says. */
export function sampleDemo(): Demo {
  return {
    build,
    environments: [environment],
    artifact: { name: "an archive of two programs", file: "dist.tar" },
    wrong:
      "one bit of the guest's memory flipped in the middle of the compile, in a source file that is not compiled yet",
    async fault() {
      const place = { line: "tcc main.c", text: printed };
      const { address, tick } = await findUnreadByte(
        { source, environment, command: compile },
        join(source, "main.c"),
        place,
      );
      remark(`main.c lies in the guest's memory: in tick ${tick}, bit 0 of the letter at ${address} is flipped`);
      const looked = await command(["trace", ...build, "--at", `${tick}:1`], ".");
      return { kind: `memory/${address}`, tick, step: Math.max(1, Math.floor(Number(looked.steps) * 0.6)) };
    },
    async inspect(artifact, folder) {
      const unpacked = join(folder, "dist");
      await mkdir(unpacked);
      execFileSync("tar", ["-xf", artifact, "-C", unpacked]);
      const bundle = execFileSync(process.execPath, [join(unpacked, "report.mjs")], { encoding: "utf8" });
      check("the bundle runs here and says so", bundle.startsWith(`this bundle ${truth}\n`), firstLine(bundle));
      const output = join(folder, "output");
      const run = ["--env", environment, "--run", "./report >output", "--out", "output", "--artifact", output];
      await command(["build", unpacked, ...run], folder);
      const said = execFileSync("cat", [output], { encoding: "utf8" });
      check("the C program runs in a guest and says so", said.startsWith(`${printed}\n`), firstLine(said));
    },
  };
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!;
}
