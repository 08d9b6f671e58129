import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "../../test/support/random.ts";
import { type Mutant, mutantsOf } from "./mutations.ts";

/**
 * Breaks the contracts and the game logic in small ways, one at a time, in a copy of the checkout, and looks whether a test
 * notices: `tsx scripts/mutants/main.ts <group> [<number of mutants>] [<seed>]`. Prints every mutant that survives.
 */
interface Group {
  readonly files: RegExp;
  /** What is run for each mutant, in order, until something fails. */
  readonly commands: readonly (readonly string[])[];
}

const vitest = (project: string, ...files: string[]) => [
  "vitest",
  "run",
  "--project",
  project,
  "--bail",
  "1",
  ...files,
];

const groups: Readonly<Record<string, Group>> = {
  protocol: {
    files: /^src\/protocol\/(?!errors|hash|tags|views|moves|trace|delays)\w+\.ts$/,
    commands: [vitest("unit", "test/protocol", "test/docs/protocol"), vitest("chain", "test/protocol/parameters")],
  },
  contracts: {
    files: /^contracts\/(claims|bonds|disputes|terms)\/\w+\.sol$|^contracts\/types\/(Ids|Words)\.sol$/,
    commands: [
      ["hardhat", "build", "--quiet", "--no-tests"],
      vitest("chain", "test/contracts", "test/protocol"),
      vitest("chain", "test/disputes/singleMoves", "test/disputes/rounds", "test/disputes/randomGames"),
    ],
  },
};

const [name = "", count = "40", seed = "1"] = process.argv.slice(2);
const group = groups[name];
if (group === undefined) {
  console.error(`name a group: ${Object.keys(groups).join(", ")}`);
  process.exit(2);
}
const root = process.cwd();
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" })
  .split("\n")
  .filter((file) => file !== "" && existsSync(file));
const all: Mutant[] = [];
for (const file of files.filter((file) => group.files.test(file)))
  all.push(...mutantsOf(file, await readFile(file, "utf8")));
const chosen = sample(all, Number(count), new Random(Number(seed)));
console.log(`${chosen.length} of ${all.length} mutants of ${name}, seed ${seed}`);

const folder = await mkdtemp(join(tmpdir(), "assay-mutants-"));
try {
  for (const file of files) await cp(join(root, file), join(folder, file));
  for (const made of ["node_modules", "scripts/node/node_modules", "build"]) {
    await symlink(join(root, made), join(folder, made)).catch(() => {});
  }
  for (const made of ["artifacts", "cache", "src/types"]) {
    await cp(join(root, made), join(folder, made), { recursive: true }).catch(() => {});
  }
  if (await survives()) console.log("unbroken: all tests pass");
  else throw new Error("the tests fail without a mutant: nothing can be learned");
  let survivors = 0;
  let built = 0;
  for (const [i, mutant] of chosen.entries()) {
    const original = await readFile(join(root, mutant.file), "utf8");
    const lines = original.split("\n");
    lines[mutant.line - 1] = mutant.after;
    await writeFile(join(folder, mutant.file), lines.join("\n"));
    const survived = await survives();
    await writeFile(join(folder, mutant.file), original);
    built++;
    if (survived) survivors++;
    const { file, line, before, after } = mutant;
    const what = `${file}:${line}\n      ${before.trim()}\n   -> ${after.trim() || "(left out)"}`;
    if (survived) console.log(`SURVIVED ${i + 1} ${what}`);
    else console.log(`killed   ${i + 1} ${file}:${line}`);
  }
  console.log(`${built - survivors} of ${built} killed (${((100 * (built - survivors)) / built).toFixed(0)} %)`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function survives(): Promise<boolean> {
  for (const [command, ...args] of group!.commands) {
    const status = await new Promise<number>((resolve) => {
      const child = spawn(command!, args, { cwd: folder, stdio: "ignore" });
      child.on("exit", (code) => resolve(code ?? 1));
      child.on("error", () => resolve(1));
    });
    if (status !== 0) return false;
  }
  return true;
}

function sample<T>(from: readonly T[], count: number, random: Random): T[] {
  const left = [...from];
  const chosen: T[] = [];
  while (left.length > 0 && chosen.length < count) chosen.push(...left.splice(random.below(left.length), 1));
  return chosen;
}
