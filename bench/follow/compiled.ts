import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Compiles the package, whose commands are what is measured. */
export function buildCompiled(): void {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  execFileSync("bash", ["scripts/buildDist.sh"], { cwd: root, stdio: "inherit" });
}

/** Arguments of Node for the compiled command, as the installed `assay` passes them. */
export const compiledCommand: readonly string[] = [
  "--max-semi-space-size=2",
  fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url)),
];
