/**
 * `npm run test:environments [-- <project>...]`: builds and tests real projects in the environments that come with Assay, all of
 * them or those that are named; compares what comes out with `environments/measured.json`, and where `qemu-riscv64` and a compiler are
 * installed what the programs print with what the host's own do. `--update` writes it there, and the table of docs/environments.md. Exit status: 0 all is as it was, 1 something failed or differs.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { encodeMeasurements, type Measured, measuredFile, readMeasurements, readProjects } from "./projects.ts";
import { runProject } from "./runProject.ts";
import { tableOf, withTable } from "./table.ts";

const page = new URL("../../docs/environments.md", import.meta.url);
const logs = fileURLToPath(new URL("../../build/projects/", import.meta.url));

async function main(args: readonly string[]): Promise<void> {
  const update = args.includes("--update");
  const names = args.filter((arg) => arg !== "--update");
  const projects = await readProjects();
  const unknown = names.find((name) => projects.every((project) => project.name !== name));
  if (unknown !== undefined) throw new Error(`there is no project ${unknown}`);
  const before = await readMeasurements();
  const measured: Record<string, Measured> = { ...before };
  let bad = 0;
  for (const project of projects) {
    if (names.length > 0 && !names.includes(project.name)) continue;
    const { seconds, log, ...result } = await runProject(project, logs, true);
    const known = before[project.name];
    const printsTheSame = result.printsTheSame ?? known?.printsTheSame;
    measured[project.name] = { environment: project.environment, ...result, printsTheSame };
    const verdict =
      result.exitCode !== 0
        ? `failed (${result.exitCode}), see ${log}`
        : known !== undefined && known.artifactSha256 !== result.artifactSha256
          ? "another artifact than before"
          : result.printsTheSame === false
            ? "prints something else under another emulator than the host's own program"
            : "ok";
    if (verdict !== "ok") bad++;
    const giga = (result.instructions / 1e9).toFixed(1);
    console.log(
      `${project.name} in ${project.environment}: ${verdict}; ${giga} G instructions, ${seconds.toFixed(0)} s`,
    );
    if (update) {
      await writeFile(measuredFile, encodeMeasurements(measured));
      await writeFile(page, withTable(await readFile(page, "utf8"), tableOf(projects, measured)));
    }
  }
  if (bad > 0) process.exitCode = 1;
}

await main(process.argv.slice(2));
