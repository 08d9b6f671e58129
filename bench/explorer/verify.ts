import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser, BrowserContext } from "playwright-core";
import { startLocalRun } from "../../src/build/node/localRun.ts";
import { type BuildPublication, publish } from "../../src/client/publication.ts";
import { cacheFolder } from "../../src/core/node/cacheFolder.ts";
import { packageFiles } from "../../src/core/node/packageFiles.ts";
import type { VerifiedClaim } from "../../src/explorer/page/verify/messages.ts";
import { environmentAt } from "../../src/guest/environmentIndex.ts";
import { readManifest } from "../../src/guest/node/environmentCache.ts";
import { addManifest } from "../../src/guest/node/manifestFiles.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { CheckpointTree } from "../../src/protocol/checkpoints.ts";
import { directoryStore } from "../../src/store/node/directoryStore.ts";
import { serveStore } from "../../src/store/node/storeServer.ts";
import { chromiumPath, startChromium } from "../../test/support/chromium.ts";
import { loadEnvironment, pinnedImageFiles } from "../../test/support/guestRun.ts";
import { openVerifyPage, outcomeOf, startVerifyHost, type VerifyHost } from "../../test/support/verifyScene.ts";
import { type Figure, median } from "../figure.ts";
import { jobOf } from "../linux/jobs.ts";

const rounds = 3;
const hash = `0x${"11".repeat(32)}` as const;

/** A build of C in the small guest, verified in a tab and by `assay build` in turn; both have booted the environment before. */
export async function verify(): Promise<Figure[]> {
  if (chromiumPath === undefined || pinnedImageFiles() === undefined) {
    console.log("explorer: no Chromium or no guest here: verification in a tab is not measured");
    return [];
  }
  const folder = await mkdtemp(join(tmpdir(), "assay-bench-"));
  const store = join(folder, "store");
  const fileAt = (path: string) => (environmentAt(path) === undefined ? undefined : join(store, path));
  const server = await serveStore({ folder: store, host: "127.0.0.1", port: 0, fileAt });
  let browser: Browser | undefined;
  let host: VerifyHost | undefined;
  try {
    const source = join(folder, "source");
    const { files, command, outputs } = jobOf("tcc");
    await promisify(execFile)("mkdir", [source]);
    for (const [name, text] of Object.entries(files)) await writeFile(join(source, name), text);
    const claim = await claimOf(source, { command, outputs }, store);
    host = await startVerifyHost(claim, { version: 1, chains: [], stores: [server.url], attestations: [] });
    browser = await startChromium();
    const context = await browser.newContext();
    const build = ["build", source, "--env", "small", "--run", command, "--out", outputs[0]!, "--no-console", "--json"];
    const inNode = async () => {
      const begun = performance.now();
      await promisify(execFile)(fileURLToPath(packageFiles.command), build);
      return (performance.now() - begun) / 1000;
    };
    await inNode();
    await inTab(context, host);
    const times = { tab: [] as number[], node: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      times.node.push(await inNode());
      times.tab.push(await inTab(context, host));
    }
    const [tab, node] = [median(times.tab), median(times.node)];
    console.log(`explorer: ${tab.toFixed(1)} s in a tab, ${node.toFixed(1)} s by assay build`);
    return [{ name: "explorer.verifyRatio", value: tab / node, unit: "x", target: 1.3, better: "lower" }];
  } finally {
    await browser?.close();
    await host?.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Seconds from the reader's word to the verdict. */
async function inTab(context: BrowserContext, host: VerifyHost): Promise<number> {
  const { page } = await openVerifyPage(context, host.url);
  await page.getByRole("button", { name: "Verify" }).click();
  const fetchAndRun = page.getByRole("button", { name: /^Fetch .* and run$/ });
  await fetchAndRun.waitFor();
  const begun = performance.now();
  await fetchAndRun.click();
  const outcome = await outcomeOf(page);
  const seconds = (performance.now() - begun) / 1000;
  if (!outcome.startsWith("This claim is right")) throw new Error(`the tab says: ${outcome}`);
  await page.close();
  return seconds;
}

/** A right claim about a build, and in the store what it takes to verify it. */
async function claimOf(
  source: string,
  command: { readonly command: string; readonly outputs: readonly string[] },
  store: string,
): Promise<VerifiedClaim> {
  const published = directoryStore(store);
  const { images } = loadEnvironment("small");
  for (const image of [images.kernel, images.root]) await published.put(image);
  await addManifest(store, await readManifest(cacheFolder(), "small", await loadKeccakKernel()));
  const { session, build } = await startLocalRun({ source, environment: "small", command });
  try {
    const { environment, drive, buildId } = build;
    const options = {
      log2Arity: 4,
      checkpointSeconds: 2,
      log2CheckpointTicks: 4 * environment.checkpointLevels(drive.length),
    };
    const { finalRoot, log2Ticks, log2CheckpointTicks, checkpoints } = await session.run(options);
    const { root: checkpointRoot } = new CheckpointTree({ roots: checkpoints });
    const publication: BuildPublication = {
      kind: "assay-build",
      version: 1,
      environment: { name: environment.name, id: environment.id },
      input: { id: await published.put(drive), size: drive.length },
    };
    const locator = await publish(published, publication);
    return { claimId: hash, buildId, finalRoot, log2Ticks, log2CheckpointTicks, checkpointRoot, locator };
  } finally {
    await session.close();
  }
}
