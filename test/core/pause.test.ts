import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { pause } from "../../src/core/pause.ts";

const forever = 2 ** 31 - 1;

it("a pause ends at the signal, and leaves nothing behind on it", async () => {
  const ending = new AbortController();
  const paused = pause(forever, ending.signal);
  expect(getEventListeners(ending.signal, "abort")).toHaveLength(1);
  ending.abort();
  await paused;
  expect(getEventListeners(ending.signal, "abort")).toHaveLength(0);
});

it("a pause that is over leaves nothing behind on the signal", async () => {
  const { signal } = new AbortController();
  await pause(1, signal);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

it("nobody waits after the signal, or for no time", async () => {
  await pause(forever, AbortSignal.abort());
  await pause(0);
  await pause(-1);
});
