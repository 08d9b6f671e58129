import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface, type Interface } from "node:readline";
import { compiledCommand } from "../../scripts/compiledPackage.ts";

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs `assay` as a user does, to its end. */
export async function runAssay(args: readonly string[], options: RunOptions): Promise<Finished> {
  return await runProgram(compiledCommand, args, options);
}

/** Runs a script of bash in which `assay` is the command, to its end. */
export async function runInShell(script: string, options: RunOptions): Promise<Finished> {
  return await runProgram("bash", ["-c", `assay() { '${compiledCommand}' "$@"; }\n${script}`], options);
}

/** Runs a program to its end. */
export async function runProgram(program: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  return await start(program, args, options).finished;
}

/** A program under way. */
export interface Started {
  readonly finished: Promise<Finished>;
  /** Ends it in mid-air, as a power cut would. */
  kill(): void;
}

export function startAssay(args: readonly string[], options: RunOptions): Started {
  return start(compiledCommand, args, options);
}

function start(program: string, args: readonly string[], { folder, environment }: RunOptions): Started {
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const collect = async (stream: NodeJS.ReadableStream) => {
    let text = "";
    for await (const chunk of stream) text += chunk;
    return text;
  };
  const finish = async (): Promise<Finished> => {
    const ended = once(child, "exit");
    const [stdout, stderr] = await Promise.all([collect(child.stdout), collect(child.stderr)]);
    const [status] = (await ended) as [number | null];
    return { status, stdout, stderr };
  };
  return { finished: finish(), kill: () => void child.kill("SIGKILL") };
}

/** A daemon as a process of its own. */
export class SpawnedDaemon {
  readonly lines: Record<string, unknown>[] = [];
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown[]>;
  /** Until its first line: from then on it listens to signals. */
  private readonly speaks: Promise<unknown>;
  private readonly reader: Interface;
  stderr = "";

  constructor(args: readonly string[], options: RunOptions & { readonly key: string }) {
    this.child = spawn(compiledCommand, [...args], {
      cwd: options.folder,
      env: { ...process.env, ...options.environment, ASSAY_KEY: options.key },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.ended = once(this.child, "exit");
    this.reader = createInterface({ input: this.child.stdout! });
    this.reader.on("line", (text) => this.lines.push(JSON.parse(text) as Record<string, unknown>));
    this.speaks = Promise.race([once(this.reader, "line"), this.ended]);
    this.child.stderr!.on("data", (chunk) => {
      this.stderr += String(chunk);
    });
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Bytes of memory that it had at most, as Linux counts them. */
  async peakMemory(): Promise<number> {
    const status = await readFile(`/proc/${this.child.pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
  }

  /** Waits until it has logged such a line. @throws if it ends before. */
  async says(msg: string, isIt: (line: Record<string, unknown>) => boolean = () => true) {
    for (;;) {
      const found = this.lines.find((line) => line.msg === msg && isIt(line));
      if (found !== undefined) return found;
      if (!this.alive) throw new Error(`it has ended without saying ${JSON.stringify(msg)}: ${this.stderr}`);
      await Promise.race([once(this.reader, "line"), this.ended]);
    }
  }

  /** Ends it in mid-air, as a power cut would. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  /** Asks it to end, as soon as it listens. @returns its exit status. */
  async stop(): Promise<number | null> {
    await this.speaks;
    if (this.alive) this.child.kill("SIGTERM");
    await this.ended;
    return this.child.exitCode;
  }
}
