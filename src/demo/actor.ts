import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { AssayError } from "../core/errors.ts";
import { packageFiles } from "../core/node/packageFiles.ts";

/** One line of a daemon's log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [fact: string]: unknown;
}

const assay = fileURLToPath(packageFiles.command);
const living = new Set<ChildProcess>();

/** Where a party is: what it starts runs there. */
export interface Place {
  readonly folder: string;
  /** A command line that runs what stands behind it elsewhere, in another network for one. */
  readonly via?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Ends whatever was started; also when the demo itself fails. */
export async function endAll(): Promise<void> {
  await Promise.all(
    [...living].map(async (child) => {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await gone;
      clearTimeout(timer);
    }),
  );
}

/** A daemon in a process of its own: its log is read line by line and kept in a file. */
export class Actor {
  readonly lines: LogLine[] = [];
  private readonly waiting = new Set<() => void>();
  private readonly child: ChildProcess;
  private exit: number | null | undefined;

  constructor(
    readonly name: string,
    args: readonly string[],
    options: StartOptions,
  ) {
    const { folder } = options;
    this.child = start(args, options);
    const log = createWriteStream(`${folder}/${name}.log`);
    this.child.stderr!.pipe(log, { end: false });
    createInterface({ input: this.child.stdout! }).on("line", (text) => {
      log.write(`${text}\n`);
      this.lines.push(parse(text));
      this.wake();
    });
    this.child.once("exit", (status) => {
      living.delete(this.child);
      this.exit = status;
      this.wake();
    });
  }

  /** Resolves when it has ended, of its own or not. */
  get ended(): Promise<void> {
    return new Promise((resolve) => {
      if (this.exit !== undefined) resolve();
      else this.child.once("exit", () => resolve());
    });
  }

  get processId(): number {
    return this.child.pid!;
  }

  /** Why nothing is to be expected of it any more: it has ended, or said that it cannot do what it should. */
  get failure(): string | undefined {
    if (this.exit !== undefined) return `${this.name} ended (${this.exit}); see its log`;
    const complaint = this.lines.find(({ level }) => level === "error");
    return complaint && `${this.name} says: ${complaint.msg}`;
  }

  /** The first line that is asked for, now or later. */
  async line(wanted: (line: LogLine) => boolean, what: string, timeoutSeconds = 300): Promise<LogLine> {
    const deadline = Date.now() + timeoutSeconds * 1000;
    for (let seen = 0; ; ) {
      for (; seen < this.lines.length; seen++) if (wanted(this.lines[seen]!)) return this.lines[seen]!;
      if (this.exit !== undefined)
        throw new AssayError("demo/party-ended", `${this.name} ended (${this.exit}) before ${what}; see its log`);
      const left = deadline - Date.now();
      if (left <= 0)
        throw new AssayError(
          "demo/no-sign",
          `${this.name}: no sign of ${what} within ${timeoutSeconds} s; see its log`,
        );
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, left);
        const waiting = this.waiting;
        function done() {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        }
        waiting.add(done);
      });
    }
  }

  /** Asks it to end, or kills it. @returns its exit status, null if it was killed. */
  async end(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<number | null> {
    if (this.exit !== undefined) return this.exit;
    return await new Promise((resolve) => {
      this.child.once("exit", resolve);
      this.child.kill(signal);
    });
  }

  private wake(): void {
    for (const done of [...this.waiting]) done();
  }
}

interface StartOptions extends Place {
  readonly key?: string;
  /** What is run instead of `assay`. */
  readonly program?: readonly string[];
}

function start(args: readonly string[], { folder, key, via = [], environment, program = [assay] }: StartOptions) {
  const [file, ...rest] = [...via, ...program, ...args];
  const child = spawn(file!, rest, {
    cwd: folder,
    env: { ...process.env, ...environment, ...(key !== undefined && { ASSAY_KEY: key }) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  living.add(child);
  return child;
}

function parse(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { level: "text", msg: text };
  }
}

/** Runs one command to its end. */
export async function run(
  args: readonly string[],
  options: StartOptions,
): Promise<{
  readonly status: number;
  readonly json: Record<string, never>;
  readonly stdout: string;
  readonly stderr: string;
}> {
  const child = start(args, options);
  const collect = async (stream: NodeJS.ReadableStream) => {
    let text = "";
    for await (const chunk of stream) text += chunk;
    return text;
  };
  const ended = new Promise<number>((resolve) => child.once("exit", (status) => resolve(status ?? -1)));
  const [stdout, stderr, status] = await Promise.all([collect(child.stdout!), collect(child.stderr!), ended]);
  living.delete(child);
  let json = {};
  try {
    json = JSON.parse(stdout) as Record<string, never>;
  } catch {
    // A command that failed prints no data.
  }
  return { status, json, stdout, stderr };
}
