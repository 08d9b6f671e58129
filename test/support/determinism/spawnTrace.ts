import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { cacheFolder } from "../../../src/core/node/cacheFolder.ts";
import type { RunPlan, TracedRun } from "./tracedBuild.ts";

/** What surrounds the process that runs a build; nothing of it may show in what comes out. */
export interface Host {
  /** Node's binary, by default this process's. */
  readonly node?: string;
  readonly nodeOptions?: readonly string[];
  /** A command that starts the command behind it, like `nice`. */
  readonly wrapper?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** So many objects take room in the heap. */
  readonly ballastObjects?: number;
}

const entry = fileURLToPath(new URL("./traceProcess.ts", import.meta.url));
const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/** Signal or status with which a process ended that was not meant to. */
export class ProcessEnded extends Error {
  constructor(
    readonly signal: NodeJS.Signals | null,
    stderr: string,
  ) {
    super(`the process ended (${signal}): ${stderr}`);
  }
}

/**
 * Runs the nosy build in a process of its own.
 * @throws ProcessEnded when it does not come to its end
 */
export async function spawnTrace(plan: RunPlan, host: Host = {}): Promise<TracedRun> {
  const { wrapper = [], node = process.execPath, nodeOptions = [], environment = {}, folder } = host;
  const order = JSON.stringify({ plan, ballastObjects: host.ballastObjects ?? 0 });
  const [command, ...args] = [...wrapper, node, ...nodeOptions, "--import", loader, entry, order];
  return await new Promise((resolve, reject) => {
    const options = {
      cwd: folder,
      env: { ...process.env, XDG_CACHE_HOME: dirname(cacheFolder()), ...environment },
      maxBuffer: 2 ** 26,
    };
    execFile(command!, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(JSON.parse(stdout) as TracedRun);
      reject(new ProcessEnded(error.signal ?? null, stderr || error.message));
    });
  });
}
