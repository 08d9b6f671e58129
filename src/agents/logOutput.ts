import { fstatSync, writeSync } from "node:fs";
import { Writable } from "node:stream";
import { isatty } from "node:tty";

/** Lines that could not be written, and are not mentioned yet. */
export interface LostLines {
  readonly lines: number;
  readonly why: string;
}

/**
 * A log in a file whose disk may be full: a line that cannot be written is lost and counted, and the next is tried again. Node's own
 * stream would end with the first.
 */
export class LogOutput extends Writable {
  /** Lines that are lost so far. */
  lost = 0;
  private unsaid = 0;
  private why = "";
  /** Whether the file ends in the middle of a line. */
  private isTorn = false;

  /** @param onLoss called with the first line that is lost, and again after it has worked in between. */
  constructor(
    private readonly descriptor: number,
    private readonly onLoss: (why: string) => void,
    private readonly writeTo: (descriptor: number, bytes: Uint8Array) => number = writeSync,
  ) {
    super({ decodeStrings: false });
  }

  override _write(line: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    const bytes = Buffer.from(this.isTorn ? `\n${line}` : String(line));
    let written = 0;
    try {
      while (written < bytes.length) written += this.writeTo(this.descriptor, bytes.subarray(written));
      this.isTorn = false;
    } catch (error) {
      this.isTorn ||= written > 0;
      this.why = (error as Error).message;
      if (this.unsaid === 0) this.onLoss(this.why);
      this.lost++;
      this.unsaid++;
    }
    done();
  }

  /** Has lost lines mentioned, again and again until that can be written. @param say writes one line. */
  mention(say: (lost: LostLines) => void): void {
    const [lines, lost] = [this.unsaid, this.lost];
    if (lines === 0) return;
    say({ lines, why: this.why });
    const isSaid = this.lost === lost;
    this.lost = lost;
    this.unsaid = isSaid ? 0 : lines;
  }
}

/** The way of a daemon's log: through a `LogOutput` where a stream of this process is a file, else the stream itself. */
export function logOutput(stream: NodeJS.WriteStream & { readonly fd: number }): LogOutput | NodeJS.WriteStream {
  const { fd } = stream;
  const stat = fstatSync(fd);
  if (!stat.isFile() && (!stat.isCharacterDevice() || isatty(fd))) return stream;
  return new LogOutput(fd, (why) =>
    process.stderr.write(`assay: cannot write the log: ${why}; lines are lost, and counted, until it can be written\n`),
  );
}
