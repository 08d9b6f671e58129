import { pino } from "pino";
import { printableJson } from "../core/printable.ts";
import { LogOutput } from "./logOutput.ts";

/** Structured log of a daemon: one JSON object per line on stdout. */
export interface Log {
  info(facts: Facts, message: string): void;
  warn(facts: Facts, message: string): void;
  /** For what an operator must look at: a missed deadline, a claim that could not be checked. */
  error(facts: Facts, message: string): void;
  debug(facts: Facts, message: string): void;
  /** Lines that could not be written so far. */
  lost?(): number;
}

export type Facts = Readonly<Record<string, unknown>>;

/**
 * @param daemon name that stands in every line.
 * @param level least severity that is written.
 * @param output where lines go in the end. @param format turns them into something else on the way there.
 */
export function createLog(
  daemon: string,
  level: string,
  output: NodeJS.WritableStream = process.stdout,
  format: (output: NodeJS.WritableStream) => NodeJS.WritableStream = (lines) => lines,
): Log {
  const log = pino(
    {
      level,
      base: { daemon },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Names and messages from outside are shown by a terminal too.
      hooks: { streamWrite: printableJson },
    },
    format(output),
  );
  const plain = (facts: Facts) => JSON.parse(JSON.stringify(facts, replace)) as Facts;
  const write = (severity: "info" | "warn" | "error" | "debug") => (facts: Facts, message: string) => {
    if (output instanceof LogOutput) {
      output.mention(({ lines, why }) =>
        log.error({ lines, why }, "lines of this log are lost: it could not be written"),
      );
    }
    log[severity](plain(facts), message);
  };
  return {
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    debug: write("debug"),
    lost: () => (output instanceof LogOutput ? output.lost : 0),
  };
}

/** Big integers as decimal strings, errors as message and code. */
function replace(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Error) return { message: value.message, code: (value as { code?: unknown }).code };
  return value;
}
