import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { createLog, type Facts, type Log } from "../../src/agents/log.ts";
import { runLoop } from "../../src/agents/loop.ts";
import { Wakeup } from "../../src/agents/wakeup.ts";

function memoryLog(): { log: Log; lines: { level: string; facts: Facts; message: string }[] } {
  const lines: { level: string; facts: Facts; message: string }[] = [];
  const write = (level: string) => (facts: Facts, message: string) => void lines.push({ level, facts, message });
  return { log: { info: write("info"), warn: write("warn"), error: write("error"), debug: write("debug") }, lines };
}

describe("a daemon's loop", () => {
  it("goes on after a round that failed, and says so", async () => {
    const { log, lines } = memoryLog();
    const results = [() => Promise.reject(new Error("no chain")), async () => {}, async () => {}];
    const { signal } = new AbortController();
    const isIdle = async () => results.length === 0;
    await runLoop({ log, signal, pollMilliseconds: 1, wakeup: new Wakeup(), isIdle }, () => results.shift()!());
    expect(lines.map(({ message }) => message)).toEqual(["a round failed", "works again"]);
    expect(lines[0]!.facts).toMatchObject({ failures: 1, why: "no chain" });
    expect(results).toEqual([]);
  });

  it("ends at once when the signal comes during a pause", async () => {
    const controller = new AbortController();
    const { log } = memoryLog();
    const options = { log, signal: controller.signal, pollMilliseconds: 3_600_000, wakeup: new Wakeup() };
    await runLoop(options, async () => void setImmediate(() => controller.abort()));
    expect(controller.signal.aborted).toBe(true);
  });

  it("begins the next round at once when it is woken, also during the round before", async () => {
    const controller = new AbortController();
    const { log } = memoryLog();
    const wakeup = new Wakeup();
    const wakes = [
      () => wakeup.wake(),
      () => void setImmediate(() => wakeup.wake()),
      () => void setImmediate(() => controller.abort()),
    ];
    const options = { log, signal: controller.signal, pollMilliseconds: 3_600_000, wakeup };
    await runLoop(options, async () => wakes.shift()!());
    expect(wakes).toEqual([]);
  });

  it("begins the next round at once at a hint, but not after a round that failed", async () => {
    const controller = new AbortController();
    const { log } = memoryLog();
    const wakeup = new Wakeup();
    const rounds: (() => void)[] = [
      () => wakeup.hint(),
      () => void setImmediate(() => wakeup.hint()),
      () => {
        wakeup.hint();
        setImmediate(() => {
          wakeup.hint();
          setImmediate(() => controller.abort());
        });
        throw new Error("no chain");
      },
      () => {},
    ];
    const options = { log, signal: controller.signal, pollMilliseconds: 3_600_000, wakeup };
    await runLoop(options, async () => rounds.shift()!());
    expect(rounds.length).toBe(1);
  });
});

describe("a daemon's log", () => {
  it("is one JSON object per line, with amounts as decimal strings and errors as message and code", () => {
    const stream = new PassThrough();
    createLog("solver", "info", stream).info(
      { amount: 10n ** 30n, error: Object.assign(new Error("bad"), { code: "x/y" }) },
      "told",
    );
    const line = JSON.parse(stream.read().toString()) as Record<string, unknown>;
    expect(line).toMatchObject({
      level: "info",
      daemon: "solver",
      amount: "1000000000000000000000000000000",
      error: { message: "bad", code: "x/y" },
      msg: "told",
    });
  });
});
