import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import type { VerifiedClaim } from "../../src/explorer/page/verify/messages.ts";
import { type ContentId, contentIdOf } from "../../src/store/contentId.ts";
import { startChromium } from "./chromium.ts";
import { type ClaimedBuild, claimedBuild } from "./claimedBuild.ts";
import { forPages, type HandheldStore, startHandheldStore } from "./handheldStore.ts";
import { openVerifyPage, startVerifyHost, type VerifyHost } from "./verifyScene.ts";

/** A right claim, two stores in a test's hands that have what it names, and tabs that verify it. */
export class TabScene {
  private constructor(
    private readonly folder: string,
    readonly claimed: ClaimedBuild,
    readonly store: HandheldStore,
    readonly other: HandheldStore,
    readonly host: VerifyHost,
    readonly browser: Browser,
  ) {}

  static async start(): Promise<TabScene> {
    const folder = mkdtempSync(join(tmpdir(), "assay-tab-"));
    const claimed = await claimedBuild(folder);
    const [store, other] = [
      await startHandheldStore(join(folder, "store")),
      await startHandheldStore(join(folder, "store")),
    ];
    const settings = { version: 1, chains: [], stores: [store.url], attestations: [] } as const;
    const host = await startVerifyHost(claimed.claim, settings);
    return new TabScene(folder, claimed, store, other, host, await startChromium());
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.host.close();
    await this.store.close();
    await this.other.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Both stores are as they should be, and nobody has asked them. */
  heal(): void {
    for (const store of [this.store, this.other]) {
      store.answer = ({ well }) => well();
      store.requests.length = 0;
    }
  }

  /** The store has these besides what it has. @returns their ids. */
  offer(...contents: readonly Uint8Array[]): ContentId[] {
    const ids = contents.map(contentIdOf);
    const before = this.store.answer;
    this.store.answer = (asked) => {
      const at = ids.findIndex((id) => asked.request.url === pathOf(id));
      if (at === -1) before(asked);
      else asked.response.writeHead(200, forPages).end(contents[at]);
    };
    return ids;
  }

  /** Opens a tab, and has it verify. @param stores the first one of this scene, if no others are given. */
  async verify({
    claim = this.claimed.claim,
    stores = [this.store.url],
  }: {
    readonly claim?: VerifiedClaim;
    readonly stores?: readonly string[];
  } = {}): Promise<Page> {
    this.host.claim = claim;
    this.host.settings = { version: 1, chains: [], stores, attestations: [] };
    const { page } = await openVerifyPage(await this.browser.newContext(), this.host.url);
    page.setDefaultTimeout(120_000);
    await page.getByRole("button", { name: "Verify" }).click();
    return page;
  }
}

/** Where a store has a content. */
export const pathOf = (id: ContentId) => `/${id.replace(":", "/")}`;

/** What a tab that is right says, whatever it has compared. */
export const rightOutcome = /^This claim is right: .* at the end\.$/;

export async function notesOf(page: Page): Promise<string[]> {
  return await page.getByRole("list", { name: "Notes" }).getByRole("listitem").allTextContents();
}

/** What stands below the outcome. */
export async function detailsOf(page: Page): Promise<string> {
  return (await page.locator(".verify-detail").allTextContents()).join("\n");
}
