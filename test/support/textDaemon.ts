import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const assay = fileURLToPath(new URL("../../bin/assay", import.meta.url));
const patienceMilliseconds = 400_000;

/** A command that keeps running and prints text for people. */
export class TextDaemon {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  #wake = () => {};
  #seen = 0;
  #stderr = "";

  /** @param command `NAME=value assay arguments`, as it is typed. */
  constructor(command: string, folder: string) {
    const { variables, args } = wordsOf(command);
    const child = spawn(assay, args, { cwd: folder, env: { ...process.env, ...variables } });
    this.#child = child;
    this.#ended = once(child, "exit");
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.lines.push(line);
      this.#wake();
    });
    child.stderr.on("data", (chunk) => {
      this.#stderr += String(chunk);
    });
    child.once("exit", () => this.#wake());
  }

  /** Waits until it has printed something, which the next search sees too. */
  async firstLine(what: string): Promise<void> {
    await this.next(what, () => true);
    this.#seen = 0;
  }

  /** The next line, behind those that were asked for before, that holds what is wanted. */
  async next(what: string, wanted: (line: string) => boolean): Promise<void> {
    const deadline = Date.now() + patienceMilliseconds;
    for (;;) {
      while (this.#seen < this.lines.length) if (wanted(this.lines[this.#seen++]!)) return;
      const left = deadline - Date.now();
      if (left <= 0 || this.#child.exitCode !== null) {
        throw new Error(`not seen: ${what}\n${this.lines.slice(-30).join("\n")}\n${this.#stderr}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Ends it as Ctrl-C does. @returns its exit status. */
  async end(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGINT");
    await this.#ended;
    return this.#child.exitCode;
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
