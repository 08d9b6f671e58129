import { pino } from "pino";
import { printableJson } from "../core/printable.ts";

/** Structured log of a daemon: one JSON object per line on stdout. */
export interface Log {
  info(facts: Facts, message: string): void;
  warn(facts: Facts, message: string): void;
  /** For what an operator must look at: a missed deadline, a claim that could not be checked. */
  error(facts: Facts, message: string): void;
  debug(facts: Facts, message: string): void;
}

export type Facts = Readonly<Record<string, unknown>>;

/**
 * @param daemon name that stands in every line.
 * @param level least severity that is written.
 */
export function createLog(daemon: string, level: string, destination: NodeJS.WritableStream = process.stdout): Log {
  const log = pino(
    {
      level,
      base: { daemon },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Names and messages from outside are shown by a terminal too.
      hooks: { streamWrite: printableJson },
    },
    destination,
  );
  const plain = (facts: Facts) => JSON.parse(JSON.stringify(facts, replace)) as Facts;
  return {
    info: (facts, message) => log.info(plain(facts), message),
    warn: (facts, message) => log.warn(plain(facts), message),
    error: (facts, message) => log.error(plain(facts), message),
    debug: (facts, message) => log.debug(plain(facts), message),
  };
}

/** Big integers as decimal strings, errors as message and code. */
function replace(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Error) return { message: value.message, code: (value as { code?: unknown }).code };
  return value;
}
