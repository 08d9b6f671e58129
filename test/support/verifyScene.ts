import { fileURLToPath } from "node:url";
import type { BrowserContext, Page } from "playwright-core";
import type { VerifiedClaim } from "../../src/explorer/page/verify/messages.ts";
import type { ExplorerSettings } from "../../src/explorer/settings.ts";
import { type PageServer, servePage } from "./explorerPage.ts";

const folder = fileURLToPath(new URL("verifyPage", import.meta.url));

/** A host of the page that verifies: what it says of claim and settings can be changed at any time. */
export interface VerifyHost extends PageServer {
  claim: VerifiedClaim;
  settings: ExplorerSettings;
}

export async function startVerifyHost(claim: VerifiedClaim, settings: ExplorerSettings): Promise<VerifyHost> {
  const host = { claim, settings };
  const server = await servePage({
    page: folder,
    settings: () => host.settings,
    handle: (_, response, url) => {
      if (!url.pathname.endsWith("/claim.json")) return false;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(host.claim));
      return true;
    },
  });
  return Object.assign(host, server);
}

/** Opens the page. @returns it, and what the browser complains of. */
export async function openVerifyPage(
  context: BrowserContext,
  url: string,
): Promise<{ page: Page; complaints: string[] }> {
  const page = await context.newPage();
  page.setDefaultTimeout(500_000);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(url);
  await page.getByRole("heading", { name: "Verify in this tab" }).waitFor();
  return { page, complaints };
}

/** The sentence that a verification comes to. */
export async function outcomeOf(page: Page): Promise<string> {
  const outcome = page.locator(".verify-outcome strong");
  await outcome.waitFor();
  return (await outcome.textContent()) ?? "";
}
