import { describe, expect, it } from "vitest";
import { pauseAfter, Watch } from "../../../src/agents/follower/watch.ts";

const lines: string[] = [];
const write = (_: unknown, message: string) => void lines.push(message);
const log = { info: write, warn: write, error: write, debug: write };

describe("the pause between two looks", () => {
  it("is the poll, doubled with each failure up to a quarter of an hour, a fifth more or less", () => {
    const minute = 60_000;
    expect([0, 1, 2, 3, 4, 100].map((failures) => pauseAfter(failures, minute, 0.5) / minute)).toEqual([
      1, 2, 4, 8, 15, 15,
    ]);
    expect([0, 1].map((random) => Math.round(pauseAfter(0, minute, random)))).toEqual([48_000, 72_000]);
    expect(pauseAfter(3, 60 * minute, 0.5)).toBe(60 * minute);
  });
});

describe("repositories that are watched", () => {
  it("do not hold each other up: one that hangs, and one that fails", async () => {
    const controller = new AbortController();
    const looks = new Map<string, number>();
    let done = () => {};
    const enough = new Promise<void>((resolve) => {
      done = resolve;
    });
    const look = async (repository: string): Promise<void> => {
      looks.set(repository, (looks.get(repository) ?? 0) + 1);
      if (repository === "hangs")
        await new Promise<void>((resolve) => controller.signal.addEventListener("abort", () => resolve()));
      if (repository === "fails") throw new Error("it is gone");
      if (repository === "works" && looks.get("works") === 5) done();
    };
    const watch = new Watch({
      ...{ repositories: ["hangs", "fails", "works"], pollMilliseconds: 1, log, signal: controller.signal, look },
      random: () => 0.5,
    });
    const running = watch.run();
    await enough;
    controller.abort();
    await running;
    expect(looks.get("hangs")).toBe(1);
    expect(looks.get("works")).toBeGreaterThanOrEqual(5);
    expect(lines.filter((line) => line === "cannot be read: will try again")).toHaveLength(1);
  });

  it("are looked at no more than eight at a time, and all of them once", async () => {
    let [open, most] = [0, 0];
    const seen: string[] = [];
    const look = async (repository: string): Promise<void> => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(repository);
      open--;
    };
    const repositories = Array.from({ length: 50 }, (_, i) => `r${i}`);
    const { signal } = new AbortController();
    await new Watch({ repositories, pollMilliseconds: 1, log, signal, look }).once();
    expect(seen.sort()).toEqual(repositories.sort());
    expect(most).toBe(8);
  });

  it("are looked at when somebody asks for it, but not before the pause after failures is over", async () => {
    const controller = new AbortController();
    const looks: string[] = [];
    let next = () => {};
    const look = async (repository: string): Promise<void> => {
      looks.push(repository);
      next();
      if (repository === "fails") throw new Error("it is gone");
    };
    const until = async (n: number) => {
      while (looks.length < n) {
        await new Promise<void>((resolve) => {
          next = resolve;
        });
      }
    };
    const watch = new Watch({
      ...{ repositories: ["works", "fails"], pollMilliseconds: 3_600_000, log, signal: controller.signal, look },
    });
    const running = watch.run();
    await until(2);
    watch.hasten("fails");
    watch.hasten("unknown");
    watch.hasten("works");
    await until(3);
    expect(looks.slice(2)).toEqual(["works"]);
    controller.abort();
    await running;
  });
});
