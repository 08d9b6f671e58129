import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { compiledCommand } from "../../scripts/compiledPackage.ts";

const patienceMilliseconds = 400_000;
const endMilliseconds = 120_000;

/** What is looked for in the output: words for it, and how a line is recognised. */
export interface WantedLine {
  readonly what: string;
  readonly isIt: (line: string) => boolean;
}

/** A command that keeps running and prints text for people. */
export class TextDaemon {
  readonly lines: string[] = [];
  private readonly child: ChildProcess;
  /** Until it has ended and all that it printed is read. */
  private readonly over: Promise<void>;
  private isOver = false;
  private wake = () => {};
  private seen = 0;
  private stderr = "";

  /** @param command `NAME=value assay arguments`, as it is typed. */
  constructor(command: string, folder: string) {
    const { variables, args } = wordsOf(command);
    const child = spawn(compiledCommand, args, {
      cwd: folder,
      env: { ...process.env, ...variables },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.lines.push(line);
      this.wake();
    });
    child.stderr.on("data", (chunk) => {
      this.stderr += String(chunk);
    });
    this.over = new Promise((resolve) => {
      child.once("close", () => {
        this.isOver = true;
        this.wake();
        resolve();
      });
    });
  }

  /** Waits until it has printed something, which the next search sees too. */
  async firstLine(what: string): Promise<void> {
    await this.find([{ what, isIt: () => true }]);
    this.seen = 0;
  }

  /**
   * Until lines behind those of the searches before hold all that is wanted, in any order: what a daemon sees of its
   * transaction and what it sees of the chain come to it by different ways.
   */
  async find(wanted: readonly WantedLine[]): Promise<void> {
    const missing = [...wanted];
    const deadline = Date.now() + patienceMilliseconds;
    for (;;) {
      while (missing.length > 0 && this.seen < this.lines.length) {
        const line = this.lines[this.seen++]!;
        const found = missing.findIndex(({ isIt }) => isIt(line));
        if (found >= 0) missing.splice(found, 1);
      }
      if (missing.length === 0) return;
      const left = deadline - Date.now();
      if (left <= 0 || this.isOver) {
        throw new Error(`${this.isOver ? "ended" : "waited"}, and not seen: ${missing[0]!.what}\n${this.output}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Ends it as Ctrl-C does. @returns its exit status. @throws when it does not end by itself: then it has been killed. */
  async end(): Promise<number | null> {
    const { exitCode, signalCode } = this.child;
    if (exitCode === null && signalCode === null) this.child.kill("SIGINT");
    let killed = false;
    const timer = setTimeout(() => {
      killed = true;
      this.child.kill("SIGKILL");
    }, endMilliseconds);
    await this.over;
    clearTimeout(timer);
    if (killed) throw new Error(`did not end within ${endMilliseconds} ms of SIGINT\n${this.output}`);
    return this.child.exitCode;
  }

  private get output(): string {
    return `${this.lines.slice(-30).join("\n")}\n${this.stderr}`;
  }
}

/** The words of a command without quotes: variables in front, and the arguments of `assay`. */
export function wordsOf(command: string): { variables: Record<string, string>; args: string[] } {
  const words = command.trim().split(/\s+/);
  const at = words.indexOf("assay");
  if (at < 0) throw new Error(`no command of assay: ${command}`);
  const variables = words.slice(0, at).map((word) => word.split("=", 2) as [string, string]);
  return { variables: Object.fromEntries(variables), args: words.slice(at + 1) };
}
