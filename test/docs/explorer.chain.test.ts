import { existsSync } from "node:fs";
import { chmod, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import { deployLocally } from "../../src/deployment/local.ts";
import { chainKeyOf } from "../../src/explorer/claimRecords.ts";
import type { ExplorerSettings } from "../../src/explorer/settings.ts";
import { serveStore } from "../../src/store/node/storeServer.ts";
import { AgentWorld } from "../support/agentWorld.ts";
import { type Anvil, startAnvil } from "../support/anvil.ts";
import { chromiumPath, startChromium } from "../support/chromium.ts";
import { freshPage } from "../support/freshPage.ts";
import { openPage } from "../support/openPage.ts";
import { startReverseProxy, startStaticHost } from "../support/plainHosts.ts";
import { readPlayedDocument } from "../support/playedDocument.ts";
import { TextDaemon } from "../support/textDaemon.ts";

const file = "docs/explorer.md";
const { steps, unmarked } = readPlayedDocument(file);
const bodyOf = (who: string, what: string) => steps.find((step) => step.who === who && step.what === what)!.body;

it("marks every block of the document, and links to what there is", async () => {
  expect(unmarked).toEqual([]);
  const linked = [...(await readFile(file, "utf8")).matchAll(/\]\(([^)#]+)/g)].map(([, to]) => join("docs", to!));
  expect(linked.filter((target) => !existsSync(target))).toEqual([]);
});

describe.skipIf(chromiumPath === undefined)("the document about hosting the explorer, as it is written", () => {
  let world: AgentWorld;
  let sepolia: Anvil;
  let browser: Browser;
  let page: string;
  let build: string;
  let input: string;
  let folder: string;
  const closing: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    page = await freshPage();
    world = await AgentWorld.start();
    sepolia = await startAnvil(["--chain-id", "11155111"]);
    browser = await startChromium();
    await world.solver();
    const buildId: Root = await world.request(await world.source("hosted"));
    const claim = await world.until("the claim", ({ ledger }) => ledger.history.livingClaims(buildId)[0]);
    const key = chainKeyOf(world.deployment.chainId, world.deployment.assay);
    build = `#/build/${key}/${buildId}`;
    input = claim.fields.locator;
    folder = join(world.folder, "host");
    await mkdir(join(folder, "bin"), { recursive: true });
    // Stands for the program that opens a browser: says what it was to open.
    await writeFile(join(folder, "bin", "xdg-open"), '#!/bin/sh\necho "$1" > opened\n');
    await chmod(join(folder, "bin", "xdg-open"), 0o755);
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  afterAll(async () => {
    await browser?.close();
    await sepolia?.close();
    await world?.close();
  });

  /** Starts the command of a step in the host's folder. @returns where it answers. */
  async function start(what: string): Promise<string> {
    const daemon = new TextDaemon(`PATH=${join(folder, "bin")}:${process.env.PATH} ${bodyOf("host", what)}`, folder);
    closing.push(async () => expect(await daemon.end()).toBe(0));
    await daemon.find([{ what: "its address", isIt: (line) => /^page +http:/.test(line) }]);
    return /http:\S+/.exec(daemon.lines.find((line) => line.startsWith("page"))!)![0];
  }
  /** Opens the build behind an address, and sees that what is final there is the contract's word. */
  async function look(url: string, footer: string): Promise<string> {
    const { page, complaints } = await openPage(browser, `${url}${build}`);
    await page.getByText(/^read from the contract at block/).waitFor();
    await page.locator("footer").getByText(footer).waitFor();
    const text = (await page.locator("footer").textContent())!;
    expect(complaints).toEqual([]);
    await page.context().close();
    return text;
  }
  const configured = async (explorer: string) =>
    await writeFile(join(folder, "assay.yaml"), `${world.configuration("explorer")}${explorer}\n  port: 0\n`);

  it("serves an index of several chains, at every address of its table, and behind a proxy in a folder", async () => {
    await configured(bodyOf("host", "several chains"));
    const { assay } = await deployLocally(sepolia.url);
    const other = world
      .configuration("sepolia", sepolia.url)
      .replace("31337", "11155111")
      .replace(/assay: .*/, `assay: "${assay}"`);
    await writeFile(join(folder, "sepolia.yaml"), `${other}explorer: { name: Sepolia }\n`);
    const url = await start("start");
    const opened = async () => await readFile(join(folder, "opened"), "utf8").catch(() => undefined);
    expect(await world.until("an opened page", opened)).toBe(`${url}\n`);
    expect(await look(url, "The index answers.")).toMatch(
      /Mainnet 31337.*indexed up to.*Sepolia 11155111.*indexed up to/,
    );

    const table = [...(await readFile(file, "utf8")).matchAll(/^\| (`\/.*?) \| /gm)].map(([, cell]) => cell!);
    const paths = table.flatMap((cell) => [...cell.matchAll(/`\/(.*?)`/g)].map(([, path]) => path!));
    const within = { "contents/": input.replace(":", "/"), "wasm/": "keccak.wasm", "environments/": "c.json" };
    expect(paths.length).toBeGreaterThan(7);
    for (const path of paths) {
      const { status, body } = await fetch(`${url}${path}${within[path as keyof typeof within] ?? ""}`);
      expect([path, status]).toEqual([path, 200]);
      await body?.cancel();
    }

    const [, path, target] = /location (\S+) \{\s+proxy_pass (\S+);/.exec(bodyOf("proxy", ""))!;
    expect(target).toBe("http://127.0.0.1:8480/");
    const proxy = await startReverseProxy(path!, url);
    closing.push(async () => await proxy.close());
    const behind = `${proxy.url}${path}`;
    await look(behind, "The index answers.");
    const headers = async (at: string) => (await fetch(at)).headers.get("content-security-policy");
    expect(await headers(behind)).toBe(await headers(url));
    const events = (await fetch(`${behind}api/v1/events`)).body!.getReader();
    expect(new TextDecoder().decode((await events.read()).value)).toContain("retry:");
    await events.cancel();
  });

  it("serves the page alone, by the command and from any static host", async () => {
    await configured("explorer:");
    const shown = JSON.parse(bodyOf("static", "explorer.json")) as ExplorerSettings;
    const url = await start("without an index");
    const told = (await (await fetch(`${url}explorer.json`)).json()) as ExplorerSettings;
    expect(Object.keys(told)).toEqual(Object.keys(shown));
    expect(Object.keys(told.chains[0]!)).toEqual(Object.keys(shown.chains[0]!));
    await look(url, "Without an index");

    const site = join(world.folder, "site");
    await cp(page, site, { recursive: true });
    const store = await serveStore({ folder: world.storeFolder, host: "127.0.0.1", port: 0 });
    closing.push(async () => await store.close());
    const { assay, chainId } = world.deployment;
    const chain = { ...shown.chains[0]!, chainId: Number(chainId), assay, deploymentBlock: 0, rpc: [world.server.url] };
    const own = { ...shown, chains: [chain], stores: [store.url], attestations: [store.url] };
    await writeFile(join(site, "explorer.json"), JSON.stringify(own));
    for (const path of ["/", "/some/folder/"]) {
      const host = await startStaticHost(site, path);
      closing.push(async () => await host.close());
      await look(`${host.url}${path}`, "Without an index");
    }
  });
});
