import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { topicAt } from "../../../src/attestation/board.ts";
import { topicUpload } from "../../../src/attestation/node/topicUpload.ts";
import { contentIdOf } from "../../../src/store/contentId.ts";
import { mirrorSource } from "../../../src/store/mirrors.ts";
import { type StoreServer, serveStore } from "../../../src/store/node/storeServer.ts";
import { addToken } from "../../../src/store/node/storeTokens.ts";
import { createRepository } from "../../support/gitRepository.ts";
import { writeSigningKey } from "../../support/signingKeyFile.ts";
import { runAssay } from "../../support/spawned.ts";

let folder: string;
let url: string;
let keyId: string;
let served: StoreServer;
const assay = async (...args: string[]) => await runAssay(args, { folder, environment: { ASSAY_PASSWORD: "secret" } });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-publish-to-"));
  const project = createRepository(join(folder, "project"));
  project.write(".assay/tasks.yaml", "version: 1\ntasks:\n  release: { environment: releaseTarball }\n");
  project.commit();
  url = `git+file://${project.path}`;
  keyId = await writeSigningKey(join(folder, "signing.json"));
  const tokensFile = join(folder, "tokens.json");
  await writeFile(join(folder, "token"), await addToken(tokensFile, "agent", 2 ** 30), { mode: 0o600 });
  const store = join(folder, "elsewhere");
  served = await serveStore({
    ...{ folder: store, host: "127.0.0.1", port: 0 },
    fileAt: (path) => (topicAt(path) === undefined ? undefined : join(store, path)),
    accept: { tokensFile, textAt: (path) => topicUpload(store, path) },
  });
});
afterAll(async () => {
  await served.close();
  await rm(folder, { recursive: true, force: true });
});

async function follow(state: string, to: string) {
  const args = ["follow", url, "--key", "signing.json", "--publish", "store", "--state", state, "--once"];
  const { status, stdout, stderr } = await assay(...args, "--publish-to", to, "--token-file", "token");
  expect(stderr).toBe("");
  const log = stdout.trim().split("\n");
  return { status, log: log.map((line) => JSON.parse(line) as Record<string, string>) };
}

describe("assay follow --publish-to", () => {
  it("writes results and contents to a server too, so that a client without any folder accepts them", async () => {
    const { status, log } = await follow("state", served.url);
    expect(status).toBe(0);
    const { artifact } = log.find(({ msg }) => msg === "task succeeded")!;
    const bytes = await mirrorSource([served.url]).get(`sha256:${artifact}`, 2 ** 20);
    expect(contentIdOf(bytes)).toBe(`sha256:${artifact}`);
    await writeFile(join(folder, "artifact"), bytes);
    const policy = `version: 1\nkeys: { agent: "${keyId}" }\nrequire: { builders: { least: 1, of: [agent] } }\nfrom: ["${served.url}"]\n`;
    await writeFile(join(folder, "policy.yaml"), policy);
    const checked = await assay("check", "artifact", "--json");
    expect(checked.status).toBe(0);
    const { input } = JSON.parse(checked.stdout).answers[0].results[0].result;
    expect((await mirrorSource([served.url]).get(`sha256:${input.sha256}`, input.size)).length).toBe(input.size);
  });

  it("says which server did not take them, and has done its task all the same", async () => {
    const { status, log } = await follow("state-2", `${served.url}nowhere`);
    expect(status).toBe(0);
    const warning = log.find(({ msg }) => msg!.startsWith("not published there"))!;
    expect(warning.url).toBe(`${served.url}nowhere`);
    expect(log.some(({ msg }) => msg === "task succeeded")).toBe(true);
    expect(await readFile(join(folder, "token"), "utf8")).not.toBe("");
    expect(JSON.stringify(log)).not.toContain((await readFile(join(folder, "token"), "utf8")).trim());
  });
});
