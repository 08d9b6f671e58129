import { createRequire } from "node:module";
import { isAssayError } from "../core/errors.ts";
import { printable, printableJson, printableLines } from "../core/printable.ts";

/** Where a command writes: data to stdout, everything else to stderr; text from outside only as `printable` shows it. */
export interface Output {
  /** Prints data: as JSON when `--json` was given, else as the lines of text. Called once by each command. */
  data(value: unknown, lines: () => readonly string[]): void;
  /** A remark for people; silent under `--json` and in pipes. */
  note(line: string): void;
  /** How far long work has come, on a terminal; nothing elsewhere. */
  progress(title: string): Progress;
}

/** Work whose end nobody knows: what has been done so far, in one line that is written over. */
export interface Progress {
  update(detail: string): void;
  end(): void;
}

export function createOutput(
  json: boolean,
  stdout: NodeJS.WritableStream = process.stdout,
  stderr = process.stderr,
): Output {
  const talkative = stderr.isTTY === true && !json;
  return {
    data(value, lines) {
      stdout.write(
        json
          ? `${toJson(value)}\n`
          : lines()
              .map((line) => `${printableLines(line)}\n`)
              .join(""),
      );
    },
    note(line) {
      if (talkative) stderr.write(`${printableLines(line)}\n`);
    },
    progress(title) {
      return talkative ? line(title, stderr) : silence;
    },
  };
}

const silence: Progress = { update() {}, end() {} };

function line(title: string, stream: NodeJS.WriteStream): Progress {
  // Loaded only by who shows it.
  const { SingleBar } = createRequire(import.meta.url)("cli-progress") as typeof import("cli-progress");
  const drawn = new SingleBar({ stream, format: `${title}: {detail}`, hideCursor: true, clearOnComplete: true });
  let running = false;
  return {
    update(detail) {
      if (running) drawn.update(0, { detail });
      else drawn.start(1, 0, { detail });
      running = true;
    },
    end() {
      if (running) drawn.stop();
      running = false;
    },
  };
}

/** JSON with big integers as decimal strings: a wei amount does not fit into a JSON number. */
export function toJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, (_, item) => (typeof item === "bigint" ? item.toString() : item), indent);
  return printableJson(json);
}

const mostErrorText = 8192;

/**
 * One line about an error, with its code; the stack is for `ASSAY_DEBUG=1`. Much of it may be quoted from outside: further lines
 * are indented, so that they are not taken for ours.
 */
export function describeError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [first = "", ...more] = message.slice(0, mostErrorText).split("\n");
  const text = [first, ...more.map((line) => `  ${line}`)].map((line) => printable(line, mostErrorText)).join("\n");
  return isAssayError(error) ? `${text} [${error.code}]` : text;
}

/** Lines of `name  value`, aligned. */
export function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

/**
 * A grid with a header, columns as wide as their widest cell; columns that hold only numbers are right-aligned. Not `cli-table3`: with
 * its borders taken away, and sides still to be chosen for each column, nothing would be left of it but the padding.
 */
export function grid(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? "").length)));
  const numeric = header.map(
    (_, column) => rows.length > 0 && rows.every((row) => /^[\d.,%-]*$/.test(row[column] ?? "")),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (numeric[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join("  ")
      .trimEnd();
  return [line(header), ...rows.map(line)];
}
