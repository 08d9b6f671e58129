import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium } from "playwright-core";

/** Debian's Chromium, or the one that ASSAY_CHROMIUM names; undefined where there is none: tests that need it are skipped by name. */
export const chromiumPath = findChromium();

function findChromium(): string | undefined {
  const named = process.env.ASSAY_CHROMIUM;
  if (named !== undefined) return existsSync(named) ? named : undefined;
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      return execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    } catch {
      // The next one.
    }
  }
  return undefined;
}

/** A headless Chromium; the caller closes it. */
export async function startChromium(args: readonly string[] = []): Promise<Browser> {
  return await chromium.launch(options(args));
}

/** The same with a user's profile. @param folder of the profile, empty yet. @param preferences as Chromium writes them. */
export async function startProfile(folder: string, preferences: unknown): Promise<BrowserContext> {
  await mkdir(join(folder, "Default"), { recursive: true });
  await writeFile(join(folder, "Default", "Preferences"), JSON.stringify(preferences));
  return await chromium.launchPersistentContext(folder, options([]));
}

function options(args: readonly string[]) {
  return {
    ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    // Root has no sandbox to run it in.
    args: [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), "--disable-dev-shm-usage", ...args],
  };
}
