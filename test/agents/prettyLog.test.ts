import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { rangeOf } from "../../src/agents/disputes.ts";
import { createLog } from "../../src/agents/log.ts";
import { prettyLine, prettyLines } from "../../src/agents/prettyLog.ts";

const claim = `0x${"ab".repeat(32)}`;

it("a daemon's line for people has time, level, message, and the facts with the urgent ones in front", () => {
  const out = new PassThrough();
  const log = createLog("verifier", "info", prettyLines(out));
  log.warn(
    { claim, deadline: 1_900_000_000, amount: 10n ** 20n, secondsLeft: 12, why: "no answer yet" },
    "claim is wrong",
  );
  log.debug({}, "not written");
  const text = String(out.read());
  expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARN {2}claim is wrong {2}/);
  expect(text.split("  ").slice(2)).toEqual([
    'why="no answer yet"',
    "secondsLeft=12",
    "claim=0xabababab…abab",
    "deadline=2030-03-17T17:46:40.000Z",
    "amount=100000000000000000000\n",
  ]);
});

it("a dispute's facts leave time, level and message of their line alone", () => {
  const range = { level: "steps", tick: 7, from: 16, log2Length: 4 } as const;
  const out = new PassThrough();
  createLog("verifier", "info", out).error(rangeOf({ at: { range }, selections: 2 }), "no move left");
  expect(JSON.parse(String(out.read()))).toMatchObject({
    level: "error",
    msg: "no move left",
    ...{ unit: "steps", tick: 7, from: 16, length: 16, selections: 2 },
  });
});

it("nothing from outside steers a terminal or begins a line of its own", () => {
  const hostile = "\u001b[2J\n2030 ERROR forged\u202e";
  for (const line of [
    JSON.stringify({ time: hostile, level: hostile, msg: hostile, [hostile]: hostile, nested: { a: [hostile] } }),
    hostile,
    JSON.stringify([hostile]),
  ]) {
    expect(prettyLine(line)).not.toMatch(/[\p{Cc}\u202e]/u);
  }
});

it("lines that come in pieces are put together", () => {
  const out = new PassThrough();
  const lines = prettyLines(out);
  lines.write('{"level":"info","ms');
  lines.write('g":"one"}\n{"level":"error","msg":"two"}\n');
  expect(String(out.read())).toBe(" INFO  one\n ERROR two\n");
});
