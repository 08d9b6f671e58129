import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { forecastInWords, forecastOf, rememberRun, secondsLeft } from "../../src/build/node/forecast.ts";

const environment = { id: `0x${"ab".repeat(32)}`, name: "c" } as const;
const request = { source: ".", environment: "c", command: { command: "make", outputs: ["out"] } };
const other = { ...request, command: { command: "make check", outputs: ["out"] } };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-forecast-"));
});
afterEach(async () => await rm(folder, { recursive: true }));

describe("what a build will take", () => {
  it("is said by the projects that were measured in its environment, where it was never built here", async () => {
    const forecast = await forecastOf(request, environment, folder);
    expect(forecast.earlier).toBeUndefined();
    expect(forecast.measured.length).toBeGreaterThan(2);
    const costs = forecast.measured.map(({ instructions }) => instructions);
    expect(costs).toEqual([...costs].sort((a, b) => a - b));
    const [line] = forecastInWords(forecast, 2 ** 20);
    expect(line).toContain(`(${forecast.measured[0]!.name})`);
    expect(line).not.toContain("here");
  });

  it("is what the same command took, once it has run, and says how fast this host is", async () => {
    await rememberRun(request, environment, { ticks: 1000, seconds: 200 }, folder);
    const again = await forecastOf({ ...request, source: "." }, environment, folder);
    expect(forecastInWords(again, 2 ** 20)).toEqual(["last time it took 1000 ticks and 4 min here"]);
    const another = await forecastOf(other, environment, folder);
    expect(another).toMatchObject({ earlier: undefined, latest: { ticks: 1000 } });
    expect(forecastInWords(another, 2 ** 20)[0]).toMatch(/G instructions \(.+, \d+ (s|min) here\)/);
  });

  it("is by the newest run, and of each environment by itself", async () => {
    await rememberRun(request, environment, { ticks: 1000, seconds: 200 }, folder);
    await rememberRun(request, environment, { ticks: 2000, seconds: 100 }, folder);
    expect((await forecastOf(request, environment, folder)).earlier).toMatchObject({ ticks: 2000 });
    const elsewhere = { id: `0x${"cd".repeat(32)}`, name: "mine" } as const;
    expect(await forecastOf(request, elsewhere, folder)).toEqual({
      earlier: undefined,
      latest: undefined,
      measured: [],
    });
  });

  it("keeps a bounded number of runs, and begins anew where what is kept cannot be read", async () => {
    for (let i = 1; i <= 70; i++)
      await rememberRun({ ...request, source: `s${i}` }, environment, { ticks: i, seconds: 1 }, folder);
    expect((await forecastOf({ ...request, source: "s1" }, environment, folder)).earlier).toBeUndefined();
    expect((await forecastOf({ ...request, source: "s70" }, environment, folder)).earlier).toMatchObject({ ticks: 70 });
    await mkdir(join(folder, "runs"), { recursive: true });
    await writeFile(join(folder, "runs", `${environment.id}.json`), "{");
    expect((await forecastOf(request, environment, folder)).latest).toBeUndefined();
  });

  it("says what is left of a run, and nothing where it takes longer than before", () => {
    const earlier = { ticks: 100, seconds: 50 };
    expect(secondsLeft(earlier, { ticks: 25, seconds: 10 })).toBe(30);
    expect(secondsLeft(earlier, { ticks: 100, seconds: 60 })).toBeUndefined();
    expect(secondsLeft(earlier, { ticks: 0, seconds: 0 })).toBeUndefined();
    expect(secondsLeft(undefined, { ticks: 25, seconds: 10 })).toBeUndefined();
  });
});
