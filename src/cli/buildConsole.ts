import { join } from "node:path";
import { ConsoleLog, type Missing } from "../agents/consoleLog.ts";
import type { IdentifiedBuild } from "../build/node/identifyBuild.ts";
import { cacheFolder } from "../core/node/cacheFolder.ts";
import type { BuildOutputs } from "../environment/outputs.ts";
import type { WorkerSessionOptions } from "../machine/native/node/workerSession.ts";
import type { RingContent } from "../machine/native/ringBuffer.ts";
import { ConsoleText } from "./consoleText.ts";
import type { Progress } from "./output.ts";

/** Shows what a guest prints, and keeps it in a file named after the build. */
export class BuildConsole {
  private log: ConsoleLog | undefined;
  private written = 0;
  private readonly text = new ConsoleText();

  constructor(
    private readonly progress: Progress,
    private readonly shows: boolean,
  ) {}

  /** The log, once something was printed. */
  get file(): string | undefined {
    return this.written === 0 ? undefined : this.log?.file;
  }

  get missing(): Missing | undefined {
    const missing = this.log?.missing;
    return missing === undefined || missing.lost + missing.cut === 0 ? undefined : missing;
  }

  follow({ buildId, environment }: IdentifiedBuild): Partial<WorkerSessionOptions> {
    if (environment.console === undefined) return {};
    this.log = new ConsoleLog(join(cacheFolder(), "logs", `${buildId}.log`));
    return { console: { ring: environment.console, onOutput: (content) => this.take(content) } };
  }

  /** Told what the build has left, when everything is shown. */
  end(outputs: BuildOutputs | undefined): void {
    if (outputs === undefined) return;
    this.log?.cutTo(outputs.log);
    if (outputs.log.size === 0) this.written = 0;
  }

  close(): void {
    process.stderr.write(this.text.end());
    this.log?.close();
  }

  private take(content: RingContent): void {
    this.log?.write(content);
    const lost = content.from - this.written;
    this.written = content.from + content.bytes.length;
    if (!this.shows) return;
    this.progress.end();
    if (lost > 0) process.stderr.write(`${this.text.end()}\n[${lost} bytes of the console were not shown]\n`);
    process.stderr.write(this.text.take(content.bytes));
  }
}
