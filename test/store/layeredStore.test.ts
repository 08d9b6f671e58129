import { expect, it } from "vitest";
import { layeredStore } from "../../src/store/layeredStore.ts";

it("a store over none has nothing, and says so", async () => {
  const store = layeredStore([], []);
  const id = `sha256:${"0".repeat(64)}` as const;
  await expect(store.get(id, 1)).rejects.toMatchObject({ code: "store/missing", details: { id } });
  expect(await store.has(id)).toBe(false);
});
