import { describe, expect, it } from "vitest";
import { SessionPool } from "../../src/agents/sessionPool.ts";
import { AssayError } from "../../src/core/errors.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

function world(most: number) {
  const opened: string[] = [];
  let open = 0;
  let peak = 0;
  const pool = new SessionPool<{ name: string; close(): Promise<void> }>(most);
  const opener = (name: string) => async () => {
    opened.push(name);
    peak = Math.max(peak, ++open);
    return { name, close: async () => void open-- };
  };
  const use = async <T>(name: string, act: () => Promise<T>) => await pool.use(name, opener(name), act);
  return { pool, opened, use, open: () => open, peak: () => peak };
}

describe("a pool of machines", () => {
  it("opens each once, as long as there is room", async () => {
    const { opened, use } = world(2);
    for (const name of ["a", "b", "a", "b"]) await use(name, async () => {});
    expect(opened).toEqual(["a", "b"]);
  });

  it("closes what was not used for longest, and opens it again when it is needed", async () => {
    const { opened, use, peak } = world(2);
    for (const name of ["a", "b", "a", "c", "a", "b"]) await use(name, async () => {});
    expect(opened).toEqual(["a", "b", "c", "b"]);
    expect(peak()).toBe(2);
  });

  it("never closes one that is in use, and lets others wait", async () => {
    const { use, peak } = world(1);
    const order: string[] = [];
    let release = () => {};
    const first = use("a", async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      order.push("a done");
    });
    await new Promise((resolve) => setImmediate(resolve));
    const others = [use("b", async () => void order.push("b")), use("c", async () => void order.push("c"))];
    await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual([]);
    release();
    await Promise.all([first, ...others]);
    expect(order[0]).toBe("a done");
    expect(order.sort()).toEqual(["a done", "b", "c"]);
    expect(peak()).toBe(1);
  });

  it("never closes one in use, however many jobs there are on however few", async () => {
    const random = new Random(seed);
    const pool = new SessionPool<{ closed: boolean; close(): Promise<void> }>(3);
    const turns = async (count: number) => {
      for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
    };
    const open = async () => {
      const session = {
        closed: false,
        close: async () => {
          session.closed = true;
        },
      };
      await turns(random.below(4));
      return session;
    };
    let closedInUse = 0;
    const job = async (name: string, length: number) =>
      await pool.use(name, open, async (session) => {
        if (session.closed) closedInUse++;
        await turns(length);
        if (session.closed) closedInUse++;
      });
    await Promise.all(Array.from({ length: 300 }, (_, i) => job(`build ${i % 12}`, random.below(6))));
    expect(closedInUse).toBe(0);
    expect(pool.size).toBeLessThanOrEqual(3);
  });

  it("opens one again whose thread has died", async () => {
    const { opened, use, open } = world(2);
    const died = use("a", async () => {
      throw new AssayError("native/worker-fault", "died");
    });
    await expect(died).rejects.toMatchObject({ code: "native/worker-fault" });
    await use("a", async () => {});
    expect(opened).toEqual(["a", "a"]);
    expect(open()).toBe(1);
  });

  it("tries again after one could not be opened", async () => {
    const { pool, use, opened } = world(1);
    const failing = pool.use(
      "a",
      () => Promise.reject(new Error("no memory")),
      async () => {},
    );
    await expect(failing).rejects.toThrow("no memory");
    await use("a", async () => {});
    expect(opened).toEqual(["a"]);
  });

  it("closes all", async () => {
    const { pool, use, open } = world(3);
    for (const name of ["a", "b"]) await use(name, async () => {});
    await pool.closeAll();
    expect([open(), pool.size]).toEqual([0, 0]);
  });

  it("lets nobody wait for room, and opens nothing any more, once all are closed", async () => {
    const { pool, use, open } = world(1);
    let end = () => {};
    const first = use("a", () => new Promise<void>((resolve) => (end = resolve)));
    await new Promise(setImmediate);
    const waiting = use("b", async () => {});
    waiting.catch(() => {});
    await pool.closeAll();
    await expect(waiting).rejects.toMatchObject({ code: "agents/closed" });
    await expect(use("c", async () => {})).rejects.toMatchObject({ code: "agents/closed" });
    end();
    await first;
    expect([open(), pool.size]).toEqual([0, 0]);
  });
});
