import { once } from "node:events";
import type { ConsoleHost } from "./guestConsole.ts";

/** What leaves the console, typed at a terminal: Ctrl-]. */
export const leaveKey = 0x1d;

/**
 * Standard input and output as a guest's console. A terminal is in raw mode until `close`, which also happens when the process
 * ends by an error or a signal.
 */
export class Terminal implements ConsoleHost {
  readonly isTerminal = process.stdin.isTTY === true;
  private typed: Buffer[] = [];
  private ended = false;
  private hasLeft = false;
  private wake: () => void = () => {};
  private readonly endings: readonly [NodeJS.Signals | "exit", () => void][];

  /** @param onSignal called, with the terminal restored, before a signal ends the process. */
  constructor(private readonly onSignal: () => void = () => {}) {
    const signals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
    this.endings = [
      ["exit", () => this.restore()],
      ...signals.map((signal) => [signal, () => this.endBy(signal)] as [NodeJS.Signals, () => void]),
    ];
    for (const [name, act] of this.endings) process.on(name, act);
    if (this.isTerminal) process.stdin.setRawMode(true);
    process.stdin.on("data", this.take);
    process.stdout.on("error", this.leave);
    process.stdin.on("end", this.end).on("close", this.end).on("error", this.end);
  }

  get left(): boolean {
    return this.hasLeft;
  }

  read(): Uint8Array | undefined {
    const next = this.typed.shift();
    if (next !== undefined) return next;
    return this.ended ? undefined : new Uint8Array(0);
  }

  async readable(signal: AbortSignal): Promise<void> {
    if (this.typed.length > 0 || this.ended || this.hasLeft) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0 || this.hasLeft || process.stdout.write(bytes)) return;
    // Rejects when what is written cannot be read any more: `leave` sets `hasLeft`.
    await once(process.stdout, "drain").catch(() => {});
  }

  close(): void {
    for (const [name, act] of this.endings) process.off(name, act);
    process.stdout.off("error", this.leave);
    process.stdin.off("data", this.take).off("end", this.end).off("close", this.end).off("error", this.end);
    this.restore();
    process.stdin.pause();
    process.stdin.unref();
  }

  private readonly take = (bytes: Buffer): void => {
    const at = this.isTerminal ? bytes.indexOf(leaveKey) : -1;
    this.hasLeft ||= at >= 0;
    this.typed.push(at < 0 ? bytes : bytes.subarray(0, at));
    this.wake();
  };

  private readonly end = (): void => {
    this.ended = true;
    // A terminal that has gone away.
    this.hasLeft ||= this.isTerminal;
    this.wake();
  };

  /** Nobody sees what the guest prints. */
  private readonly leave = (): void => {
    this.hasLeft = true;
    this.wake();
  };

  private restore(): void {
    if (this.isTerminal && process.stdin.isRaw) process.stdin.setRawMode(false);
  }

  /** Ends the process as the signal would have. */
  private endBy(signal: NodeJS.Signals): void {
    this.close();
    this.onSignal();
    process.kill(process.pid, signal);
  }
}
