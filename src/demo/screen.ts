/** What the demo puts on the terminal. */
import { styleText } from "node:util";

/** Styled where standard output is a terminal that shows it, and the environment (`NO_COLOR`, `FORCE_COLOR`) agrees. */
const paint = (style: Parameters<typeof styleText>[0]) => (text: string) =>
  styleText(style, text, { stream: process.stdout });
export const bold = paint("bold");
export const dim = paint("dim");
export const red = paint("red");
export const green = paint("green");
export const yellow = paint("yellow");
export const cyan = paint("cyan");

let scenes = 0;

export function scene(title: string): void {
  scenes++;
  console.log(`\n${bold(`${scenes}. ${title}`)}`);
}

/** A line of the demo. @param who is shown in front of it. */
export function say(who: string, text: string): void {
  console.log(`   ${cyan(who.padEnd(9))} ${text}`);
}

export function remark(text: string): void {
  console.log(`   ${dim(text)}`);
}

/** One statement of the demo, checked. */
export interface Fact {
  readonly text: string;
  readonly holds: boolean;
  readonly detail: string;
}

const facts: Fact[] = [];

/** Notes a fact and shows whether it holds. The demo succeeds only if all do. */
export function check(text: string, holds: boolean, detail = ""): void {
  facts.push({ text, holds, detail });
  const mark = holds ? green("✓") : red("✗");
  console.log(`   ${mark} ${text}${detail === "" ? "" : dim(`  ${detail}`)}`);
}

export function allFacts(): readonly Fact[] {
  return facts;
}

const barWidth = 32;

/**
 * A range inside the whole, as a bar and in figures.
 * @param whole number of ticks or steps of the whole range.
 */
export function rangeLine(from: number, length: number, whole: number): string {
  const first = Math.min(barWidth - 1, Math.floor((from / whole) * barWidth));
  const cells = Math.max(1, Math.min(barWidth - first, Math.round((length / whole) * barWidth)));
  const bar = dim("·".repeat(first)) + yellow("█".repeat(cells)) + dim("·".repeat(barWidth - first - cells));
  const to = from + length;
  return `${bar} ${number(from).padStart(13)} → ${number(to).padEnd(13)} ${dim(`${number(length)} long`)}`;
}

export function number(value: number | bigint): string {
  return value.toLocaleString("en-US");
}

export function ether(wei: bigint): string {
  const milli = wei / 10n ** 12n;
  const text = (Number(milli) / 1e6).toFixed(6).replace(/\.?0+$/, "");
  return `${text} ETH`;
}

export function short(hex: string): string {
  return `${hex.slice(0, 10)}…${hex.slice(-6)}`;
}

/** Rows under a header; columns after the first are right-aligned. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    `   ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("   ")}`;
  console.log(dim(line(header)));
  for (const row of rows) console.log(line(row));
}
