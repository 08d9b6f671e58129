import { Writable } from "node:stream";
import { printable } from "../core/printable.ts";

/** Facts that are the same in every line, or stand in front. */
const elsewhere = new Set(["daemon", "time", "level", "msg", "stack"]);
/** What a person looks for first. */
const first = ["alert", "why", "reason", "secondsLeft", "role", "side", "kind", "claim", "build", "challenge"];
/** Seconds of the chain. */
const moments = new Set(["deadline", "windowEnd", "joinDeadline"]);

/**
 * Takes the lines of a daemon's log and writes each as one line of text: time, level, message, facts. Long hexadecimal words are
 * shortened, control characters are shown by their code.
 */
export function prettyLines(destination: NodeJS.WritableStream): Writable {
  let rest = "";
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop()!;
      for (const line of lines) destination.write(`${prettyLine(line)}\n`);
      done();
    },
  });
}

/** One line of JSON as text; what is not JSON stays as it is, but for control characters. */
export function prettyLine(line: string): string {
  const entry = parse(line);
  if (entry === undefined) return printable(line);
  const { time, level, msg } = entry;
  const facts = Object.entries(entry)
    .filter(([name]) => !elsewhere.has(name))
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([name, value]) => `${printable(name, 40)}=${shown(name, value)}`);
  const head = `${printable(String(time ?? ""), 30)} ${printable(String(level ?? ""), 10)
    .toUpperCase()
    .padEnd(5)}`;
  return [`${head} ${printable(String(msg ?? ""), 1000)}`, ...facts].join("  ").trimEnd();
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function rank(name: string): number {
  const at = first.indexOf(name);
  return at < 0 ? first.length : at;
}

function shown(name: string, value: unknown): string {
  if (moments.has(name) && typeof value === "number" && value > 0 && value < 8e12) {
    return new Date(value * 1000).toISOString();
  }
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  const short = text.replace(/0x[0-9a-f]{64,}/gi, (hex) => `${hex.slice(0, 10)}…${hex.slice(-4)}`);
  const safe = printable(short, 1000);
  return typeof value === "string" && /[\s="]/.test(safe) ? `"${safe.replaceAll('"', "'")}"` : safe;
}
