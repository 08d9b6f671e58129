import type { Browser } from "playwright-core";
import type { ClaimSummary, DisputeDetail, DisputeMove, Outcome, TraceRange } from "../../src/explorer/records.ts";
import type { ExplorerSettings } from "../../src/explorer/settings.ts";
import { chromiumPath, startChromium } from "../../test/support/chromium.ts";
import { type Handler, servePage } from "../../test/support/explorerPage.ts";
import { type Figure, median } from "../figure.ts";
import { compilerNames } from "./compilerNames.ts";

const assay = `0x${"ab".repeat(20)}` as const;
const key = `31337-${assay}` as const;
const hash = (byte: number) => `0x${byte.toString(16).padStart(2, "0").repeat(32)}` as const;
const settings: ExplorerSettings = {
  version: 1,
  chains: [{ name: "local", chainId: 31337, assay, deploymentBlock: 0, rpc: [], confirmations: 0, logRange: 1000 }],
  stores: [],
  attestations: [],
  index: "api/v1/",
};
const roundsOfTicks = 32;
const rounds = 64;
/** Rounds that have come each time that the page looks. */
const atOnce = 4;

/** A dispute of as many rounds as there can be, watched while they come and the clocks run. */
export async function dispute(): Promise<Figure[]> {
  if (chromiumPath === undefined) {
    console.log("explorer: no Chromium here: the drawing of a dispute is not measured");
    return [];
  }
  let made = 1;
  const handle: Handler = (_, response, { pathname }) => {
    const path = pathname.split("/api/v1/")[1];
    if (path === undefined) return false;
    const body =
      path === "chains" ? { items: [chainOf(made)] } : path.startsWith("disputes/") ? disputeOf(made) : undefined;
    if (path === "chains") made = Math.min(rounds, made + atOnce);
    const status = body === undefined ? 404 : 200;
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body ?? {}));
    return true;
  };
  const server = await servePage({ settings: () => settings, handle });
  let browser: Browser | undefined;
  try {
    browser = await startChromium();
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.addInitScript(compilerNames);
    await page.goto(`${server.url}#/dispute/${key}/${hash(1)}`);
    await page.locator(".side-turn").waitFor();
    await page.evaluate(() => {
      const frames: number[] = [];
      let last: number | undefined;
      const look = (now: number) => {
        if (last !== undefined) frames.push(now - last);
        last = now;
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
      Object.assign(globalThis, { frames });
    });
    await page
      .locator("ol.moves > li")
      .nth(2 * rounds - 1)
      .waitFor({ timeout: 120_000 });
    const frames = await page.evaluate(() => (globalThis as unknown as { frames: number[] }).frames);
    const sorted = frames.toSorted((a, b) => a - b);
    const late = sorted[Math.floor(0.95 * sorted.length)]!;
    console.log(
      `${frames.length} frames while ${rounds} rounds came: median ${median(frames).toFixed(2)} ms, ` +
        `95th percentile ${late.toFixed(2)} ms, longest ${sorted.at(-1)!.toFixed(1)} ms`,
    );
    return [{ name: "explorer.frameMilliseconds", value: late, unit: "ms", target: 17, better: "lower" }];
  } finally {
    await browser?.close();
    await server.close();
  }
}

const now = Math.floor(Date.now() / 1000);

function chainOf(made: number) {
  const head = { number: made, timestamp: now };
  return { key, name: "local", chainId: 31337, assay, block: made, head, builds: 1, events: made };
}

/** As an index says it after so many rounds, each of which halves the rest of the trace. */
function disputeOf(made: number): DisputeDetail {
  const moveList: DisputeMove[] = [];
  const each = { block: 1, timestamp: now, transaction: hash(9), solverLeft: 3000, challengerLeft: 3000 };
  for (let round = 0; round < made; round++) {
    const range: TraceRange =
      round < roundsOfTicks
        ? { level: "ticks", tick: 0, from: 0, log2Length: roundsOfTicks - round }
        : { level: "steps", tick: 0, from: 0, log2Length: rounds - round };
    const name = round === 0 ? "ChallengeOpened" : "Selected";
    moveList.push({ ...each, by: "challenger", name, range, startRoot: hash(2), endRoot: hash(3) });
    moveList.push({ ...each, by: "solver", name: "Answered", range, roots: [hash(round)] });
  }
  const { solver, challenger } = { solver: `0x${"51".repeat(20)}`, challenger: `0x${"c4".repeat(20)}` } as const;
  const common = { chain: key, claimId: hash(4), buildId: hash(5), solver } as const;
  const outcome: Outcome = { end: "halted", code: 0, exitCode: 0, artifactSha256: hash(6), artifactSize: "1" };
  const times = { revealedAt: now, windowEnd: now + 3000, finalizableFrom: now + 3000 };
  const terms = { outcome, finalRoot: hash(7), locator: "", block: 1, bond: "1" };
  const claim: ClaimSummary = { ...common, ...times, ...terms, status: "open" };
  const summary = { ...common, challenger, challengeId: hash(1), won: false, openedAt: now, changed: now };
  const shape = { moves: moveList.length, log2Ticks: roundsOfTicks, log2Arity: 1, stakeNumber: "0" };
  const turn = { side: "challenger", deadline: now + 3000 } as const;
  return { ...summary, ...shape, status: "open", moveList, claim, turn };
}
