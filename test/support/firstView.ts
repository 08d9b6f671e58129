import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";

/** What the page loads until it shows the first build: names of files, and their bytes, compressed. */
export async function firstViewOf(
  browser: Browser,
  url: string,
  folder: string,
): Promise<{ readonly files: readonly string[]; readonly bytes: number }> {
  const page = await browser.newPage();
  const files = ["index.html"];
  page.on("request", (request) => {
    const name = request.url().startsWith(url) ? request.url().slice(url.length) : "";
    if (/^(?:assets\/)?[\w.-]+\.(?:js|css|html)$/.test(name)) files.push(name);
  });
  await page.goto(url);
  await page.locator(".row").first().waitFor();
  await page.close();
  const sizes = await Promise.all(files.map(async (name) => gzipSync(await readFile(join(folder, name))).length));
  return { files, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
