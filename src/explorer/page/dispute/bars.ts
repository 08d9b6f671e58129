import { rowBits } from "../../../protocol/ranges.ts";
import type { DisputeDetail, DisputeMove, TraceRange } from "../../records.ts";

/** A part of the trace that a dispute came to, drawn as a bar. */
export interface Bar {
  readonly range: TraceRange;
  /** Number of the move with which the dispute came to it; -1: it is the whole run. */
  readonly since: number;
  /** Number of the move with which the solver cut it, and into how many parts. */
  readonly cut?: { readonly since: number; readonly parts: number } | undefined;
  /** Where the next bar lies in this one, as shares of its length. */
  readonly chosen?: { readonly since: number; readonly from: number; readonly to: number } | undefined;
}

/** No dispute can be longer by the rules; what an index says can. */
const mostBars = 200;

/** The parts that a dispute came to, the whole run first. */
export function barsOf({ log2Ticks, log2Arity, moveList }: DisputeDetail): Bar[] {
  const whole: TraceRange = { level: "ticks", tick: 0, from: 0, log2Length: log2Ticks };
  let last: Bar = { range: whole, since: -1 };
  const bars: Bar[] = [];
  for (const [i, { range, roots }] of moveList.entries()) {
    if (range === undefined || bars.length >= mostBars) continue;
    if (!isSame(range, last.range)) {
      bars.push({ ...last, chosen: { since: i, ...shareOf(range, last.range) } });
      last = { range, since: i };
    }
    if (roots !== undefined) last = { ...last, cut: { since: i, parts: partsOf(range, log2Arity, roots.length) } };
  }
  return [...bars, last];
}

/** An answer has one root less than there are parts; one part stands alone. */
function partsOf({ log2Length }: TraceRange, log2Arity: number, roots: number): number {
  if (roots > 0) return Math.min(roots + 1, 1024);
  return log2Length > 0 && log2Length <= 64 && log2Arity > 0 ? 2 ** Math.min(10, rowBits(log2Length, log2Arity)) : 1;
}

function isSame(a: TraceRange, b: TraceRange): boolean {
  return a.level === b.level && a.tick === b.tick && a.from === b.from && a.log2Length === b.log2Length;
}

/** Where a range lies in another one. The steps of a tick are all of it. */
function shareOf(inner: TraceRange, outer: TraceRange): { from: number; to: number } {
  if (inner.level !== outer.level) {
    if (outer.level !== "ticks" || outer.log2Length === 0) return { from: 0, to: 1 };
    return within((inner.tick - outer.from) / 2 ** outer.log2Length, 1 / 2 ** outer.log2Length);
  }
  const length = 2 ** outer.log2Length;
  return within((inner.from - outer.from) / length, 2 ** inner.log2Length / length);
}

function within(from: number, share: number): { from: number; to: number } {
  const start = Math.min(1, Math.max(0, from));
  return { from: start, to: Math.min(1, Math.max(start, from + share)) };
}

/** A part of the trace in words. */
export function rangeWords({ level, tick, from, log2Length }: TraceRange): string {
  const place = from.toLocaleString("en").replaceAll(",", "\u2009");
  if (level !== "steps") {
    if (log2Length === 0) return `tick ${place}`;
    return `${powerOfTwo(log2Length)} ticks from ${place}`;
  }
  if (log2Length === 0) return `step ${place} of tick ${tick}`;
  return `${powerOfTwo(log2Length)} steps from ${place}, tick ${tick}`;
}

/** `2²⁰` */
export function powerOfTwo(exponent: number): string {
  return `2${[...String(exponent)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)] ?? digit).join("")}`;
}

const words: Readonly<Record<string, string>> = {
  ChallengeOpened: "challenges",
  Answered: "answers",
  Selected: "selects",
  ChallengeLost: "The challenger has let its time run out",
  ChallengeClosed: "The challenge is closed",
};

/** A move in a sentence. */
export function moveWords({ name, by, range, roots }: DisputeMove): string {
  if (name === "ClaimRefuted") {
    if (by === "challenger") return "The challenger proves the fault: the contract executes the step";
    return by === "solver" ? "The solver concedes" : "The solver has let its time run out";
  }
  const verb = words[name];
  if (verb === undefined) return name.slice(0, 40);
  if (by === "anyone") return verb;
  const who = by === "solver" ? "The solver" : "The challenger";
  const of = range === undefined ? "" : ` ${rangeWords(range)}`;
  if (name === "Answered") return `${who} answers with ${roots?.length ?? 0} states within${of}`;
  return `${who} ${verb}${of}`;
}
