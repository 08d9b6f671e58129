import { execFileSync } from "node:child_process";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { commands } from "../src/cli/commands.ts";
import { type Figure, median } from "./figure.ts";

const rounds = 9;
const root = fileURLToPath(new URL("..", import.meta.url));
const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

/** The figure is the slower of these; what the others take is printed. Those that talk to a chain load ethers. */
const measured = ["assay --help", "assay build --help"];

/** How long each compiled command takes until it has shown its help, all in turn with Node that does nothing. */
export async function run(): Promise<Figure[]> {
  execFileSync("bash", ["scripts/buildDist.sh"], { cwd: root, stdio: "inherit" });
  const starts = [
    { name: "node -e 0", args: ["-e", "0"], times: [] as number[] },
    ...[[], ...commands.map(({ name }) => [name])].map((words) => ({
      name: ["assay", ...words, "--help"].join(" "),
      args: [main, ...words, "--help"],
      times: [] as number[],
    })),
  ];
  for (let round = 0; round < rounds; round++) {
    for (const { args, times } of starts) {
      const from = performance.now();
      execFileSync(process.execPath, args, { stdio: "ignore" });
      times.push(performance.now() - from);
    }
  }
  for (const { name, times } of starts) console.log(`${name}: ${median(times).toFixed(0)} ms`);
  const value = Math.max(...starts.filter(({ name }) => measured.includes(name)).map(({ times }) => median(times)));
  return [{ name: "cli.startMilliseconds", value, unit: "ms", target: 400, better: "lower" }];
}
