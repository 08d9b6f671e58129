import { describe, expect, it } from "vitest";
import { Soon } from "../../../src/agents/follower/soon.ts";

describe("what is done soon", () => {
  it("is done once for all that was begun until then, and again afterwards", async () => {
    const soon = new Soon(1);
    const done: number[] = [];
    for (const round of [1, 2]) {
      await new Promise<void>((resolve) => {
        for (const each of [1, 2, 3]) {
          soon.begin(() => {
            done.push(10 * round + each);
            resolve();
          });
        }
        // The timer alone does not keep a process alive.
        setTimeout(() => {}, 50);
      });
    }
    expect(done).toEqual([11, 21]);
  });
});
