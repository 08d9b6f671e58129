import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, startProfile } from "../../support/chromium.ts";
import { notesOf, rightOutcome, TabScene } from "../../support/tabScene.ts";
import { openVerifyPage, outcomeOf } from "../../support/verifyScene.ts";

const fetchedAgain = "this browser has no more room: what is fetched is fetched again after a reload";
const goesOn =
  "this browser has no more room: the run goes on, and after a reload from the last snapshot that was kept";

describe.skipIf(chromiumPath === undefined)("a verification in a browser that keeps nothing, or no more", () => {
  const folder = mkdtempSync(join(tmpdir(), "assay-profile-"));
  let scene: TabScene;
  beforeAll(async () => {
    scene = await TabScene.start();
  });
  afterAll(async () => {
    await scene?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("runs without storage where the reader allows none, and says that nothing is kept", async () => {
    const context = await startProfile(folder, { profile: { default_content_setting_values: { cookies: 2 } } });
    const { page, complaints } = await openVerifyPage(context, scene.host.url);
    const refusal = await page.evaluate(() => navigator.storage.getDirectory().catch(({ name }: Error) => name));
    expect(refusal).toBe("SecurityError");
    await page.getByRole("button", { name: "Verify" }).click();
    expect(await outcomeOf(page)).toMatch(rightOutcome);
    expect(await notesOf(page)).toEqual(["nothing of this run is kept: after a reload it begins again"]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it.each([
    ["while the input comes", 2_000_000, [fetchedAgain, goesOn]],
    ["while the machine runs", 3_300_000, [goesOn]],
  ])("goes on when the browser's room ends %s, says so, and goes on after a reload", async (_, quotaSize, expected) => {
    const { page, complaints } = await openVerifyPage(await scene.browser.newContext(), scene.host.url);
    const devtools = await page.context().newCDPSession(page);
    const { origin } = new URL(scene.host.url);
    await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize });
    for (let round = 0; round < 2; round++) {
      await page.getByRole("button", { name: "Verify" }).click();
      expect(await outcomeOf(page)).toMatch(rightOutcome);
      expect(await notesOf(page)).toEqual(expected);
      await page.reload();
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
