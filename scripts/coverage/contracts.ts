import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { type Condition, lineOf } from "./branches.ts";
import type { Branch, FileCoverage } from "./report.ts";
import { probedSolidity, solidityConditions } from "./solidity.ts";

/** An instrumented contract: its own text and its conditions, numbered from `firstId`. */
interface Instrumented {
  readonly file: string;
  readonly source: string;
  readonly conditions: readonly Condition[];
  readonly firstId: number;
}

const probe = "contracts/BranchProbe.sol";
const tag = Buffer.from("assay.branch").toString("hex").padEnd(48, "0");

/** Rewrites contracts below a copy of the checkout. @returns what reads the counts once the tests have run there. */
export async function instrumentContracts(
  folder: string,
  files: readonly string[],
): Promise<() => Promise<FileCoverage[]>> {
  await cp(join(folder, "scripts/coverage/BranchProbe.sol"), join(folder, probe));
  const instrumented: Instrumented[] = [];
  let firstId = 0;
  for (const file of files) {
    const source = await readFile(join(folder, file), "utf8");
    const conditions = solidityConditions(source);
    const path = relative(dirname(file), probe);
    const text = probedSolidity(source, conditions, path.startsWith(".") ? path : `./${path}`, firstId);
    if (conditions.length > 0) await writeFile(join(folder, file), text);
    instrumented.push({ file, source, conditions, firstId });
    firstId += conditions.length;
  }
  return async () => {
    const tags = await tagsBelow(join(folder, "coverage/data"));
    const lines = linesOf(await readFile(join(folder, "coverage/lcov.info"), "utf8"));
    return instrumented.map(({ file, source, conditions, firstId }) => ({
      file,
      lines: lines.get(file) ?? new Map(),
      branches: conditions.flatMap(({ start, end }, i) =>
        [true, false].map((outcome): Branch => {
          const number = 2 * (firstId + i) + Number(outcome);
          const taken = tags.has(tag + number.toString(16).padStart(16, "0"));
          return { line: lineOf(source, start), condition: source.slice(start, end), outcome, taken };
        }),
      ),
    }));
  };
}

/** Every tag that Hardhat's processes have stored. */
async function tagsBelow(folder: string): Promise<Set<string>> {
  const tags = new Set<string>();
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith(".json")) continue;
    for (const tag of Object.keys(JSON.parse(await readFile(join(folder, name), "utf8")))) tags.add(tag);
  }
  return tags;
}

/** By file: the lines of Hardhat's report, in the format of lcov. */
function linesOf(lcov: string): Map<string, Map<number, boolean>> {
  const files = new Map<string, Map<number, boolean>>();
  let file = "";
  for (const line of lcov.split("\n")) {
    const [, key, value = ""] = /^(SF|DA):(.*)$/.exec(line) ?? [];
    if (key === "SF") {
      file = value;
      files.set(file, new Map());
    } else if (key === "DA") {
      const [number, count] = value.split(",").map(Number);
      files.get(file)!.set(number!, count! > 0);
    }
  }
  return files;
}
