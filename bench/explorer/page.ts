import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { chromiumPath, startChromium } from "../../test/support/chromium.ts";
import { builtPage } from "../../test/support/explorerPage.ts";
import { FakeExplorer } from "../../test/support/fakeExplorer.ts";
import { firstViewOf } from "../../test/support/firstView.ts";
import { filledIndex } from "../../test/support/manyBuilds.ts";
import { type Figure, median } from "../figure.ts";
import { compilerNames } from "./compilerNames.ts";

const builds = 100_000;
const rounds = 9;
/** Builds that are paged through. */
const scrolled = 20_000;

/** An index of many builds as a reader meets it: the page in Chromium, on its own server. */
export async function page(): Promise<Figure[]> {
  if (chromiumPath === undefined) {
    console.log("explorer: no Chromium here: the page is not measured");
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), "assay-bench-"));
  let explorer: FakeExplorer | undefined;
  let browser: Browser | undefined;
  try {
    const file = join(folder, "index.sqlite");
    const { claims } = await filledIndex(file, builds);
    const built = await builtPage();
    explorer = await FakeExplorer.over(file, { page: pathToFileURL(`${built}/`) });
    browser = await startChromium();
    const { bytes } = await firstViewOf(browser, explorer.server.url, built);
    const reader = await openReader(browser, explorer.server.url);
    const slowest = await searched(reader, claims);
    await scroll(reader);
    const tasks = await reader.evaluate(() => (globalThis as unknown as Measured).longTasks);
    const longest = Math.max(0, ...tasks);
    console.log(`tasks of 50 ms and more in all of it: ${tasks.length}, the longest ${longest.toFixed(0)} ms`);
    return [
      { name: "explorer.searchMilliseconds", value: slowest, unit: "ms", target: 100, better: "lower" },
      { name: "explorer.firstViewKilobytes", value: bytes / 1000, unit: "kB", target: 130, better: "lower" },
      { name: "explorer.longestTaskMilliseconds", value: longest, unit: "ms", target: 100, better: "lower" },
    ];
  } finally {
    await browser?.close();
    await explorer?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the page is given to measure itself with. */
interface Measured {
  readonly longTasks: number[];
  /** Milliseconds from an action until something new that fits the selector is drawn. */
  timed(selector: string, act: () => void): Promise<number>;
}

async function openReader(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(60_000);
  await page.addInitScript(compilerNames);
  await page.addInitScript(() => {
    const longTasks: number[] = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longTasks.push(duration);
    }).observe({ type: "longtask" });
    const timed = async (selector: string, act: () => void) => {
      for (const old of document.querySelectorAll(selector)) old.setAttribute("data-old", "");
      const begun = performance.now();
      await new Promise<void>((resolve) => {
        const fresh = `${selector}:not([data-old])`;
        const observer = new MutationObserver(() => {
          if (document.querySelector(fresh) === null) return;
          observer.disconnect();
          // Behind the frame in which it is drawn.
          requestAnimationFrame(() => setTimeout(resolve));
        });
        observer.observe(document.body, { childList: true, subtree: true });
        act();
      });
      return performance.now() - begun;
    };
    Object.assign(globalThis, { longTasks, timed });
  });
  await page.goto(url);
  await page.locator(".row").first().waitFor();
  return page;
}

/** @returns the median time of the slowest question, from the last key to what is drawn, in milliseconds. */
async function searched(page: Page, claims: readonly string[]): Promise<number> {
  const pick = (round: number) => claims[(round * 7919) % claims.length]!;
  const searches: readonly (readonly [string, (round: number) => string])[] = [
    ["a hash", (round) => pick(round)],
    ["its beginning", (round) => pick(round).slice(0, 8)],
    ["words", (round) => `git.example project${round}`],
    ["a word of all", (round) => `example${" ".repeat(round % 2)}https`.slice(0, 7 + 6 * (round % 2))],
    ["nothing", (round) => `nothing is like ${round}`],
  ];
  let slowest = 0;
  const note = (what: string, times: readonly number[]) => {
    console.log(`${what}: ${median(times).toFixed(1)} ms in the page, at most ${Math.max(...times).toFixed(1)} ms`);
    slowest = Math.max(slowest, median(times));
  };
  for (const [what, query] of searches) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const time = await page.evaluate(async (text) => {
        const input = document.querySelector<HTMLInputElement>("#search")!;
        return await (globalThis as unknown as Measured).timed("section[aria-label='What was found']", () => {
          input.value = text;
          input.dispatchEvent(new Event("input", { bubbles: true }));
        });
      }, query(round));
      times.push(time);
    }
    note(`search for ${what}`, times);
  }
  for (const [what, hash] of [
    ["first page", "#/builds"],
    ["builds of a state", "#/builds?state=final"],
    ["builds of a repository", "#/builds?repository=https%3A%2F%2Fgit.example%2Fproject7"],
  ] as const) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await page.evaluate(() => location.assign("#/policy"));
      await page.locator(".row").first().waitFor({ state: "detached" });
      times.push(
        await page.evaluate(async (hash) => {
          const { timed } = globalThis as unknown as Measured;
          return await timed(".row", () => location.assign(hash));
        }, hash),
      );
    }
    note(what, times);
  }
  return slowest;
}

/** Reads on to the end of the page, again and again. */
async function scroll(page: Page): Promise<void> {
  await page.evaluate(() => location.assign("#/builds"));
  await page.locator(".row").first().waitFor();
  const begun = performance.now();
  for (let read = 100; read < scrolled; read += 100) {
    await page.mouse.wheel(0, 100_000);
    await page.getByText(`${read + 100} builds read so far.`).waitFor();
  }
  const seconds = (performance.now() - begun) / 1000;
  console.log(`${scrolled} builds paged through in ${seconds.toFixed(1)} s`);
}
