import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync } from "node:fs";

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the fixed environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Where the output of programs goes while something is built. */
export interface Watch {
  /** Gets everything that they write. */
  readonly log: string;
  /** Called with each line of their standard output. */
  readonly onLine: (line: string) => void;
}

/** The environment of every tool: nothing of the user's that could show in what it makes. */
const fixedEnvironment = {
  PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: process.env.HOME ?? "/",
  LC_ALL: "C",
  TZ: "UTC",
  SOURCE_DATE_EPOCH: "0",
};

/** How to reach the network; of no influence on what comes from it, which is checked by hash. */
const networkVariables = /^(https?|no|all)_proxy$|^(npm_config_|NODE_EXTRA_CA_CERTS|SSL_CERT_)/i;

const running = new Set<ChildProcess>();
let watch: Watch | undefined;

/** Watches the programs that are run while `work` runs. */
export async function watched<T>(by: Watch, work: () => Promise<T>): Promise<T> {
  const before = watch;
  watch = by;
  try {
    return await work();
  } finally {
    watch = before;
  }
}

/** Ends the programs that run now. */
export function stopRuns(): void {
  for (const child of running) child.kill("SIGTERM");
}

/** Runs a program to its end and returns its standard output; what it said, or where it stands, is in the error. */
export function run(program: string, args: readonly string[], { cwd, env = {} }: RunOptions = {}): Promise<string> {
  const network = Object.entries(process.env).filter(([name]) => networkVariables.test(name));
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...Object.fromEntries(network), ...fixedEnvironment, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    const output: Buffer[] = [];
    let said = "";
    let line = "";
    if (watch !== undefined) appendFileSync(watch.log, `$ ${program} ${args.join(" ")}\n`);
    child.stdout.on("data", (chunk: Buffer) => {
      output.push(chunk);
      if (watch === undefined) return;
      appendFileSync(watch.log, chunk);
      const lines = (line + chunk.toString()).split("\n");
      line = lines.pop()!;
      for (const each of lines) watch.onLine(each);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
      if (watch !== undefined) appendFileSync(watch.log, chunk);
    });
    child.on("error", (cause) => reject(new Error(`cannot run ${program}`, { cause })));
    child.on("close", (status) => {
      running.delete(child);
      const text = Buffer.concat(output).toString();
      if (status === 0) resolve(text);
      else if (watch !== undefined) reject(new Error(`${program} failed (${status}); its output is in ${watch.log}`));
      else reject(new Error(`${program} ${args.join(" ")} failed (${status}):\n${text.slice(-2000)}${said}`));
    });
  });
}
