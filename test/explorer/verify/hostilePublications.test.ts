import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { BuildPublication } from "../../../src/client/publication.ts";
import { contentIdOf } from "../../../src/store/contentId.ts";
import { chromiumPath } from "../../support/chromium.ts";
import { detailsOf, notesOf, TabScene } from "../../support/tabScene.ts";
import { outcomeOf } from "../../support/verifyScene.ts";

const nothing = "What the build needs could not be had.";
const unread = "The claim's publication cannot be read.";
const unknown = "This tab could not verify the claim.";
const rightAtTheEnd = "This claim is right: this tab has run the build and agrees at the end.";
const hash = `0x${"ab".repeat(32)}` as const;
const otherInput = new Uint8Array(5000).fill(9);

const encode = (text: string) => new TextEncoder().encode(text);
const changed = (change: (build: BuildPublication) => object) => (build: BuildPublication) =>
  encode(JSON.stringify({ ...build, ...change(build) }));

/** A publication, and what the tab says of it. */
type Case = readonly [what: string, make: (build: BuildPublication) => Uint8Array, headline: string, detail: RegExp];

const cases: readonly Case[] = [
  ["is larger than any", () => new Uint8Array(17_000).fill(32), nothing, /sends more than 16384 bytes/],
  ["is no text", () => Uint8Array.of(0xff, 0xfe), unread, /is not JSON/],
  ["is nested without end", () => encode("[".repeat(16_000)), unread, /is not JSON/],
  ["is null", () => encode("null"), unread, /is not a publication/],
  [
    "names an input of 4 GiB",
    changed(({ input }) => ({ input: { ...input, size: 2 ** 32 } })),
    "The build is too large for this tab.",
    /input: the publication says 4294967296 bytes/,
  ],
  [
    "names a smaller input than there is",
    changed(({ input }) => ({ input: { ...input, size: 2 ** 20 } })),
    nothing,
    /sends more than 1048576 bytes/,
  ],
  [
    "names an input that nobody has",
    changed(({ input }) => ({ input: { ...input, id: `sha256:${hash.slice(2)}` } })),
    nothing,
    /does not have it/,
  ],
  [
    "names another input",
    changed(() => ({ input: { id: contentIdOf(otherInput), size: otherInput.length } })),
    "The claim's publication is about another build.",
    /the claim is about 0x/,
  ],
  [
    "names an environment that nobody knows",
    changed(() => ({ environment: { name: "small", id: hash } })),
    unknown,
    /no store says what the environment small/,
  ],
  [
    "gives the environment another id, which the first state does not depend on",
    changed(({ environment }) => ({ environment: { ...environment, id: hash } })),
    rightAtTheEnd,
    /The run took/,
  ],
];

const locators = ["", "file:///etc/passwd", "https://example.invalid/", "sha256:../../x", "\u202e\u0000 text"];

describe.skipIf(chromiumPath === undefined)("a verification in a tab of a claim whose publication is hostile", () => {
  let scene: TabScene;
  beforeAll(async () => {
    scene = await TabScene.start();
  });
  afterAll(async () => await scene?.close());
  beforeEach(() => scene.heal());
  afterEach(async () => {
    for (const context of scene.browser.contexts()) await context.close();
  });

  it.each(cases)("says so when it %s", async (_, make, headline, detail) => {
    const { claim, build } = scene.claimed;
    const [locator] = scene.offer(make(build), otherInput) as [string];
    const page = await scene.verify({ claim: { ...claim, locator } });
    expect(await outcomeOf(page)).toBe(headline);
    expect(await detailsOf(page)).toMatch(detail);
  });

  it.each(locators)("asks nobody when the locator is %j", async (locator) => {
    const page = await scene.verify({ claim: { ...scene.claimed.claim, locator } });
    expect(await outcomeOf(page)).toBe(nothing);
    expect(await detailsOf(page)).toContain('expected "sha256:" and 64');
    expect(scene.store.requests).toEqual([]);
  });

  it("compares the end alone where the checkpoints are not the claim's, and says so", async () => {
    const { claim, build, list } = scene.claimed;
    const forged = new Uint8Array(list.length).fill(7);
    const publication = { kind: "assay-claim", version: 1, build, checkpoints: contentIdOf(forged) };
    const [locator] = scene.offer(encode(JSON.stringify(publication)), forged) as [string];
    const page = await scene.verify({ claim: { ...claim, locator } });
    expect(await outcomeOf(page)).toBe(rightAtTheEnd);
    expect(await notesOf(page)).toEqual([
      "the published checkpoints are not those of the claim: only the end is compared",
    ]);
  });
});
