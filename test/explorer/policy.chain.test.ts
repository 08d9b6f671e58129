import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { topicAt } from "../../src/attestation/board.ts";
import { type BuildResult, statementOfBuild } from "../../src/attestation/buildResult.ts";
import { attestationFolder } from "../../src/attestation/node/attestationFolder.ts";
import { openSigningKey } from "../../src/attestation/node/signingKey.ts";
import { signStatement } from "../../src/attestation/statement.ts";
import { topicsOf } from "../../src/attestation/topics.ts";
import type { Root } from "../../src/core/bytes.ts";
import { type StoreServer, serveStore } from "../../src/store/node/storeServer.ts";
import { AgentWorld } from "../support/agentWorld.ts";
import { chromiumPath, startChromium } from "../support/chromium.ts";
import { type PageServer, servePage } from "../support/explorerPage.ts";
import { HandheldIndex } from "../support/explorerWorld.ts";
import { axeFaults, openPage } from "../support/openPage.ts";
import { runAssay } from "../support/spawned.ts";

const password = "secret";
const builders = ["alice", "bob", "carol", "dave"] as const;

describe.skipIf(chromiumPath === undefined)("attestations about a claimed build, under a policy", () => {
  let folder: string;
  let world: AgentWorld;
  let board: StoreServer;
  let server: PageServer;
  let browser: Browser;
  let index: HandheldIndex;
  let buildId: Root;
  let policy: string;
  const keys: Record<string, string> = {};
  const other = `0x${"ab".repeat(32)}` as const;

  const assay = async (...args: string[]) =>
    await runAssay(args, { folder, environment: { ASSAY_PASSWORD: password } });
  const json = async (...args: string[]) => JSON.parse((await assay(...args, "--json")).stdout);

  /** Signs what was run here, changed, as somebody who says otherwise does. */
  async function sign(name: string, result: BuildResult): Promise<void> {
    const signer = await openSigningKey(join(folder, `${name}.json`), password);
    const envelope = await signStatement(signer, statementOfBuild(result, { id: signer.keyId, version: "0.1.0" }));
    await attestationFolder(world.storeFolder).add(envelope, topicsOf(result));
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "assay-page-policy-"));
    world = await AgentWorld.start();
    index = new HandheldIndex(world);
    const solver = await world.solver();
    const source = await world.source("attested");
    buildId = await world.request(source);
    await world.until("the claim", () => world.claimOf(solver.wallet));
    for (const name of builders) keys[name] = (await json("key", "new", "--signing", `${name}.json`)).keyId;
    const made = await json("attest", "make", source, "--key", "alice.json", "--publish", world.storeFolder);
    const { key: _, ...result } = made as BuildResult & { key: string };
    await sign("carol", { ...result, artifact: { ...result.artifact!, sha256: "cd".repeat(32) } });
    await sign("dave", { ...result, buildId: other });
    const store = world.storeFolder;
    const fileAt = (path: string) => (topicAt(path) === undefined ? undefined : join(store, path));
    board = await serveStore({ folder: store, host: "127.0.0.1", port: 0, fileAt });
    const named = builders.join(", ");
    policy = join(folder, "policy.yaml");
    await writeFile(
      policy,
      `version: 1\nkeys: ${JSON.stringify(keys)}\nrequire: { builders: { least: 1, of: [${named}] } }\nfrom: ["${board.url}"]\n`,
    );
    const settings = () => ({ ...index.settings(), attestations: [board.url] });
    server = await servePage({ settings, handle: index.handle });
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await board?.close();
    await world?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** The page of the build, in a browser that has imported the policy. */
  async function judged(): Promise<{ page: Page; complaints: string[] }> {
    const { page, complaints } = await openPage(browser, `${server.url}#/policy`);
    await page.getByLabel("Import").setInputFiles(policy);
    await page.getByText("This is a policy.").waitFor();
    await page.getByRole("button", { name: "Keep it" }).click();
    await page.goto(`${server.url}#/build/${index.key}/${buildId}`);
    await page.locator(".standing").waitFor();
    return { page, complaints };
  }
  const standing = async (page: Page, kind: string) => await page.locator(`.standing-${kind}`).allTextContents();

  it("are shown as agreeing, as saying otherwise, as about another build, and as missing", async () => {
    const { page, complaints } = await judged();
    expect(await standing(page, "agree")).toEqual(["agrees alice"]);
    const [carol, dave, ...more] = await standing(page, "mismatch");
    expect(carol).toMatch(/^says otherwise carol: cdcdcd…cdcdcd/);
    expect(dave).toMatch(/^has signed it as another build's dave: 0xababab…ababab/);
    expect(more).toEqual([]);
    expect(await standing(page, "miss")).toEqual(["silent bob", "silent dave"]);
    expect(await axeFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("are decided as `assay check` decides, also by the policy that the page exports", async () => {
    const { page } = await judged();
    await page.getByText("Undecided: your policy may yet hold").waitFor();
    await page.goto(`${server.url}#/policy`);
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Export" }).click();
    const exported = join(folder, "exported.yaml");
    await (await download).saveAs(exported);
    expect(await readFile(exported, "utf8")).toBe(await readFile(policy, "utf8"));
    await page.context().close();
    for (const file of [policy, exported]) {
      const { decision, answers } = await json("check", "--build-id", buildId, "--policy", file);
      expect(decision).toBe("undecided");
      expect(answers[0].rivals).toHaveLength(2);
    }
  });

  it.each([
    ["alice", "Accepted: your policy holds"],
    ["carol", "What your policy holds for is not what is claimed"],
  ])("are accepted of %s alone, here and by `assay check`", async (name, said) => {
    const before = await readFile(policy, "utf8");
    try {
      await writeFile(policy, before.replace(/of: \[.*?\]/, `of: [${name}]`));
      const { page } = await judged();
      await page.getByText(said).waitFor();
      await page.context().close();
      const { decision, answers } = await json("check", "--build-id", buildId, "--policy", policy);
      expect([decision, answers[0].agree]).toEqual(["accepted", [name]]);
    } finally {
      await writeFile(policy, before);
    }
  });
});
