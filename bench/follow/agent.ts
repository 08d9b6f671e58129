import { execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { compiledCommand } from "../../scripts/compiledPackage.ts";

/** One line of an agent's log. */
export interface Line {
  readonly msg: string;
  readonly time: string;
  readonly commit?: string;
  readonly repository?: string;
}

/** The compiled `assay follow` on repositories. */
export function startAgent(folder: string, repositories: readonly string[], more: readonly string[]) {
  const files = { key: join(folder, "signing.json"), password: join(folder, "password") };
  writeFileSync(files.password, "a password of the benchmark\n", { mode: 0o600 });
  const sign = ["--password-file", files.password];
  execFileSync(compiledCommand, ["key", "new", "--signing", files.key, ...sign]);
  const folders = ["--publish", join(folder, "store"), "--state", join(folder, "state")];
  const args = ["follow", ...repositories, "--key", files.key, ...sign, ...folders, ...more];
  const child = spawn(compiledCommand, args, { stdio: ["ignore", "pipe", "inherit"] });
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on("line", (text) => {
    lines.push(JSON.parse(text) as Line);
    for (const look of [...waiting]) look();
  });
  return {
    processId: child.pid!,
    lines,
    /** When as many lines as that are what is wanted. */
    async until(wanted: (line: Line) => boolean, count = 1): Promise<readonly Line[]> {
      return await new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.filter(wanted);
          if (found.length < count) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        child.once("exit", (status) => reject(new Error(`the agent ended with status ${status}`)));
        look();
      });
    },
    async end(): Promise<void> {
      if (child.exitCode !== null) return;
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill();
      await gone;
    },
  };
}
