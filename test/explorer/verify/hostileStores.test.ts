import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cidsPath } from "../../../src/store/ipfsStore.ts";
import { chromiumPath } from "../../support/chromium.ts";
import { forPages } from "../../support/handheldStore.ts";
import { blocksOf, startGateway } from "../../support/ipfsGateway.ts";
import { detailsOf, notesOf, pathOf, rightOutcome, TabScene } from "../../support/tabScene.ts";
import { outcomeOf } from "../../support/verifyScene.ts";

const nothing = "What the build needs could not be had.";

describe.skipIf(chromiumPath === undefined)("a verification in a tab whose stores are hostile", () => {
  let scene: TabScene;
  beforeAll(async () => {
    scene = await TabScene.start();
  });
  afterAll(async () => await scene?.close());
  beforeEach(() => scene.heal());
  afterEach(async () => {
    for (const context of scene.browser.contexts()) await context.close();
  });

  it("is right from a gateway of IPFS alone, as blocks and as an archive", async () => {
    const { input, list, publication, build } = scene.claimed;
    const { store } = scene;
    const files = await Promise.all([input, list, publication].map(async (bytes) => await blocksOf(bytes)));
    const gateway = await startGateway(...files);
    // Any static host can say by which CID a file may be found; nobody relies on it.
    store.answer = ({ request, response }) => {
      const isAsked = request.url === `/${cidsPath(build.input.id)}`;
      response.writeHead(isAsked ? 200 : 404, forPages).end(isAsked ? `${files[0]!.root}\n` : "");
    };
    const page = await scene.verify({ stores: [store.url, `ipfs+${gateway.url}`] });
    expect(await outcomeOf(page)).toMatch(/agrees at all 15 checkpoints and at the end\.$/);
    expect(gateway.requests).toContain(`GET /ipfs/${files[0]!.root}?format=car`);
    expect(await notesOf(page)).toEqual([]);
    await gateway.close();
  });

  it("is right when one store sends other bytes, and names it", async () => {
    const { store, other } = scene;
    store.answer = ({ response, bytes, well }) => {
      if (bytes === undefined) return well();
      const bent = Uint8Array.from(bytes);
      bent[bytes.length >> 1]! ^= 1;
      response.writeHead(200, forPages).end(bent);
    };
    const page = await scene.verify({ stores: [store.url, other.url] });
    expect(await outcomeOf(page)).toMatch(rightOutcome);
    expect(await notesOf(page)).toContain(`${store.url}/ sent other bytes than asked for`);
  });

  it("comes to no verdict when nobody sends the right bytes", async () => {
    const { store } = scene;
    store.answer = ({ response }) => void response.writeHead(200, forPages).end("{}");
    const page = await scene.verify();
    expect(await outcomeOf(page)).toBe(nothing);
    expect(await detailsOf(page)).toContain(`${store.url}/ sent other bytes than asked for`);
  });

  it("reads on from another store when one stalls in the middle", async () => {
    const { store, other, claimed } = scene;
    store.answer = ({ response, bytes, well }) => {
      if (bytes?.length !== claimed.input.length) return well();
      response.writeHead(200, { ...forPages, "content-length": bytes.length });
      response.write(bytes.subarray(0, 2 ** 20));
    };
    const page = await scene.verify({ stores: [store.url, other.url] });
    expect(await outcomeOf(page)).toMatch(rightOutcome);
    expect(other.requests).toEqual([`GET ${pathOf(claimed.build.input.id)}`]);
    expect(await notesOf(page)).toContain(`${store.url}/ was so slow that another mirror overtook it`);
  });

  it("ends when the reader says so while a store stalls", async () => {
    const { store } = scene;
    const stalled = new Promise<void>((resolve) => {
      store.answer = () => resolve();
    });
    const page = await scene.verify();
    await stalled;
    await page.getByRole("button", { name: "Stop" }).click();
    scene.heal();
    await page.getByRole("button", { name: "Verify" }).click();
    expect(await outcomeOf(page)).toMatch(rightOutcome);
  });

  it("goes on from where a store died, once it is back", async () => {
    const { store, claimed } = scene;
    const ranges: (string | undefined)[] = [];
    let die: (() => void) | undefined;
    store.answer = ({ request, response, bytes, well }) => {
      if (bytes?.length !== claimed.input.length) return well();
      ranges.push(request.headers.range);
      if (ranges.length > 1) return well();
      response.writeHead(200, { ...forPages, "content-length": bytes.length });
      response.write(bytes.subarray(0, 2 ** 20));
      die = () => response.destroy();
    };
    const page = await scene.verify();
    await page.getByText(/^Fetching the input: 1\.0 MiB of/).waitFor();
    const { answer } = store;
    store.answer = ({ response }) => void response.destroy();
    die!();
    expect(await outcomeOf(page)).toBe(nothing);
    expect(await detailsOf(page)).toContain(store.url);
    store.answer = answer;
    await page.getByRole("button", { name: "Verify again" }).click();
    await page.getByText("This claim is right").waitFor();
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d+-$/)]);
  });
});
