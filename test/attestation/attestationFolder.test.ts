import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pathOf, type Topic } from "../../src/attestation/board.ts";
import { type Envelope, signPayload } from "../../src/attestation/dsse.ts";
import { signerOf } from "../../src/attestation/keys.ts";
import { mostBundleCharacters, mostBundleLines } from "../../src/attestation/limits.ts";
import { attestationFolder } from "../../src/attestation/node/attestationFolder.ts";

const topic: Topic = { algorithm: "sha256", digest: "01".repeat(32) };
let folder: string;
let file: string;
let envelope: Envelope;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-attestations-"));
  file = join(folder, pathOf(topic));
  await mkdir(dirname(file), { recursive: true });
  envelope = await signPayload(signerOf(new Uint8Array(32).fill(1)), "t", new TextEncoder().encode("x"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("a folder of attestations", () => {
  it("gives back what was added, once", async () => {
    const there = attestationFolder(folder);
    await there.add(envelope, [topic]);
    await there.add(envelope, [topic]);
    expect(await there.find(topic)).toEqual({ envelopes: [envelope], unknown: 0 });
  });

  it.each([
    ["as many lines as are read", "{}\n".repeat(mostBundleLines)],
    ["as many characters as are read", `${"x".repeat(mostBundleCharacters - 1)}\n`],
  ])("takes no more into a bundle with %s, which nobody would read then", async (_, text) => {
    await writeFile(file, text);
    await expect(attestationFolder(folder).add(envelope, [topic])).rejects.toMatchObject({
      code: "attestation/too-large",
    });
    expect(await readFile(file, "utf8")).toBe(text);
    expect((await attestationFolder(folder).find(topic)).envelopes).toEqual([]);
  });

  it("does not read what is larger, nor wait for a pipe in the place of a file", async () => {
    await writeFile(file, "x".repeat(mostBundleCharacters + 1));
    await expect(attestationFolder(folder).find(topic)).rejects.toMatchObject({ code: "attestation/too-large" });
    await rm(file);
    execFileSync("mkfifo", [file]);
    await expect(attestationFolder(folder).find(topic)).rejects.toMatchObject({ code: "store/io-fault" });
  });
});
