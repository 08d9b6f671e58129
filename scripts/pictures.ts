/** `npm run pictures`: plays a small world on a local chain and takes the README's pictures of the explorer's page. */
import { mkdir, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { environmentNamed } from "../src/build/node/environments.ts";
import type { Root } from "../src/core/bytes.ts";
import { AgentWorld } from "../test/support/agentWorld.ts";
import { startChromium } from "../test/support/chromium.ts";
import { servePage } from "../test/support/explorerPage.ts";
import { HandheldIndex } from "../test/support/explorerWorld.ts";

const folder = fileURLToPath(new URL("../docs/pictures/", import.meta.url));
const mostBytes = 120_000;
const projects = ["parser", "gateway", "ledger-tools", "site", "solver-kit"];

const releaseTarball = await environmentNamed("releaseTarball");
const environment = { name: releaseTarball.name, id: releaseTarball.id };
const world = await AgentWorld.start();
const index = new HandheldIndex(world);
const server = await servePage({ settings: () => index.settings(), handle: index.handle });
const browser = await startChromium();
try {
  const builds = await play();
  index.about = (buildId) => {
    const project = builds.get(buildId);
    if (project === undefined) return undefined;
    const commit = buildId.slice(2, 42);
    return { repository: `git+https://git.example.org/${project}.git`, commit, environment };
  };
  await takeAll([...builds.keys()]);
} finally {
  await browser.close();
  await server.close();
  await world.close();
}

/** A wrong claim that is refuted, right ones that become final, and one that is open. @returns project of each build. */
async function play(): Promise<Map<Root, string>> {
  const builds = new Map<Root, string>();
  const request = async (project: string) => {
    const buildId = await world.request(await world.source(project));
    builds.set(buildId, project);
    return buildId;
  };
  const lying = await world.solver(["memory@1:100"]);
  await request(projects[0]!);
  await world.until("the wrong claim", () => world.claimOf(lying.wallet));
  const verifier = await world.verifier();
  await world.until("the refutation", ({ ledger }) =>
    [...ledger.history.claims.values()].some(({ status }) => status === "refuted"),
  );
  await lying.stop();
  const solver = await world.solver();
  for (const project of projects.slice(1, 4)) await request(project);
  const living = () => [...builds.keys()].every((id) => world.ledger.history.livingClaims(id).length > 0);
  await world.until("claims of all builds", living);
  await world.skip(4000);
  await world.until("all results", ({ ledger }) =>
    [...builds.keys()].every((id) => ledger.history.builds.get(id)?.finalClaim !== undefined),
  );
  await request(projects[4]!);
  await world.until("an open claim", living);
  await solver.stop();
  await verifier.stop();
  return builds;
}

async function takeAll(builds: readonly Root[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const context = await browser.newContext({ viewport: { width: 1120, height: 760 }, reducedMotion: "reduce" });
  const page = await context.newPage();
  const [dispute] = world.ledger.history.challenges.keys();
  const { chainId, assay } = world.deployment;
  const policy = { version: 1, chains: { local: { chainId: Number(chainId), assay } }, require: { chain: "local" } };
  await page.addInitScript((text) => localStorage.setItem("assay.policy", text), JSON.stringify(policy));
  await take(page, "builds", "#/", async () => {
    await page.locator(".state-proven").nth(3).waitFor();
    await page.locator(".trust-accepted").nth(3).waitFor();
  });
  await take(page, "build", `#/build/${index.key}/${builds[0]}`, async () => {
    await page.getByText(/^read from the contract at block/).waitFor();
  });
  await page.setViewportSize({ width: 1120, height: 960 });
  await take(page, "dispute", `#/dispute/${index.key}/${dispute}`, async () => {
    await page.getByText("What the step touched").waitFor();
    await page.locator("#bisection").scrollIntoViewIfNeeded();
  });
}

async function take(page: Page, name: string, hash: string, ready: () => Promise<unknown>): Promise<void> {
  await page.goto(server.url + hash);
  await ready();
  const path = `${folder}${name}.png`;
  await page.screenshot({ path });
  const { size } = await stat(path);
  console.log(`${name}.png: ${size} bytes`);
  if (size > mostBytes) throw new Error(`${name}.png has more than ${mostBytes} bytes`);
}
