import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { publishResult } from "../../../src/agents/follower/publishResult.ts";
import type { TaskResult } from "../../../src/agents/follower/runTask.ts";
import { pathOf } from "../../../src/attestation/board.ts";
import { signerOf } from "../../../src/attestation/keys.ts";
import { attestationFolder } from "../../../src/attestation/node/attestationFolder.ts";
import { repositoryIdOf } from "../../../src/attestation/repositoryId.ts";
import { topicsOf } from "../../../src/attestation/topics.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-publish-"));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

const publisher = (name: string) => ({
  signer: signerOf(new Uint8Array(32).fill(7)),
  version: "0.1.0",
  publishFolder: join(folder, name),
});
const done: TaskResult = {
  result: {
    buildId: `0x${"01".repeat(32)}`,
    environment: { name: "small", id: `0x${"02".repeat(32)}` },
    source: {
      uri: repositoryIdOf(new Uint8Array(20).fill(6)),
      revision: "main",
      digest: { gitCommit: "03".repeat(20) },
    },
    ...{ exitCode: 0, finalRoot: `0x${"04".repeat(32)}`, ticks: 75 },
    artifact: { name: "out.tar", sha256: "05".repeat(32), size: 1234 },
    ...{ startedAt: 1_796_000_000, finishedAt: 1_796_000_012 },
  },
  executionKey: signerOf(new Uint8Array(32).fill(8)),
  ...{ input: Uint8Array.of(1), artifact: Uint8Array.of(2), checkpoints: undefined },
  ...{ log: undefined, test: undefined },
};
const task = { kind: "build", output: "out.tar", publish: ["input", "artifact"], limits: {} } as const;
const countsIn = async (name: string) =>
  await Promise.all(
    topicsOf(done.result).map(async (topic) => {
      const found = attestationFolder(join(folder, name)).find(topic);
      return await found.then(({ envelopes }) => envelopes.length).catch(({ code }) => code as string);
    }),
  );

describe("a result that is published", () => {
  it("is found by all that it is about", async () => {
    await publishResult(done, task, publisher("a"));
    expect(await countsIn("a")).toEqual([1, 1, 1, 1]);
  });

  it("is found by everything else where what is found by its Radicle repository is full", async () => {
    const full = join(folder, "b", pathOf(topicsOf(done.result).at(-1)!));
    await mkdir(dirname(full), { recursive: true });
    await writeFile(full, "");
    await truncate(full, 2 ** 26 + 1);
    await publishResult(done, task, publisher("b"));
    expect(await countsIn("b")).toEqual([1, 1, 1, "attestation/too-large"]);
  });
});
