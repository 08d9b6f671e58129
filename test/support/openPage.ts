import axe from "axe-core";
import type { Browser, Page } from "playwright-core";

/** A page that is looked at, and what it has complained of. */
export interface OpenPage {
  readonly page: Page;
  /** Errors of scripts, and what the content security policy has blocked. */
  readonly complaints: string[];
}

/** Opens an address in a context of its own. @param width of the window, in pixels. */
export async function openPage(
  browser: Browser,
  url: string,
  { width = 1280, height = 900, scheme = "light" as "light" | "dark" } = {},
): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: "reduce",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(300_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints };
}

/** What is wrong with a page for those who cannot see it or use no mouse, by axe. */
export async function axeFaults(page: Page): Promise<string[]> {
  // Not by a script tag: the page's content security policy has none of others.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    async () => await (globalThis as unknown as { axe: typeof axe }).axe.run(document),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`),
  );
}

/** Whether the page is wider than its window. */
export async function overflows(page: Page): Promise<boolean> {
  return await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}
