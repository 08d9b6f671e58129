import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { copyTree } from "../treeCopy.ts";
import { instrumentContracts } from "./contracts.ts";
import { instrumentGame } from "./game.ts";
import { describe } from "./report.ts";

/**
 * Counts lines and branches of the contracts and of the game logic: `npm run coverage [-- <paths of tests>]`. Both are rewritten
 * in a copy of the checkout so that every condition tells its value, and the tests run there. Tests of code sizes and of gas
 * fail in such a run.
 */
const tests = process.argv.slice(2);
if (tests.length === 0) tests.push("test/contracts", "test/disputes", "test/protocol", "test/step");

const tree = await copyTree(process.cwd(), []);
try {
  const told = join(tree.folder, "told");
  await writeFile(told, "");
  const isContract = (file: string) => /^contracts\/(?!interfaces|testing).*\.sol$/.test(file);
  const isGame = (file: string) => /^src\/protocol\/\w+\.ts$/.test(file);
  const counts = [
    await instrumentContracts(tree.folder, tree.files.filter(isContract)),
    await instrumentGame(tree.folder, tree.files.filter(isGame), told),
  ];
  await new Promise((resolve, reject) => {
    const child = spawn("vitest", ["run", ...tests], {
      cwd: tree.folder,
      stdio: "inherit",
      env: { ...process.env, HARDHAT_COVERAGE: "true", ASSAY_COVERAGE_FILE: told },
    });
    child.on("exit", resolve);
    child.on("error", reject);
  });
  for (const count of counts) console.log(`\n${describe(await count())}`);
} finally {
  await tree.remove();
}
