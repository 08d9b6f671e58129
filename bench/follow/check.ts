import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { stringify } from "yaml";
import { compiledCommand, compilePackage } from "../../scripts/compiledPackage.ts";
import { type BuildResult, statementOfBuild } from "../../src/attestation/buildResult.ts";
import { signerOf } from "../../src/attestation/keys.ts";
import { attestationFolder } from "../../src/attestation/node/attestationFolder.ts";
import { signStatement } from "../../src/attestation/statement.ts";
import { topicsOf } from "../../src/attestation/topics.ts";
import { toHex } from "../../src/core/bytes.ts";
import { contentIdOf } from "../../src/store/contentId.ts";
import { type Figure, median } from "../figure.ts";

const rounds = 15;

/**
 * `assay check <artifact>` as it is installed, under a policy of two builders of three whose results are on a server on loopback, in turn
 * with Node that does nothing: from the start of the process to its end.
 */
export async function check(): Promise<Figure[]> {
  compilePackage();
  const folder = await mkdtemp(join(tmpdir(), "assay-bench-check-"));
  const server = spawn(compiledCommand, serve(join(folder, "store")), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(createInterface({ input: server.stdout }), "line")) as [string];
    const { url } = JSON.parse(line) as { url: string };
    await writeResults(folder, url);
    const starts = [
      { name: "node -e 0", program: process.execPath, args: ["-e", "0"], seconds: [] as number[] },
      { name: "assay check", program: compiledCommand, args: ["check", "project.tar.gz"], seconds: [] as number[] },
    ];
    // The first round warms the disk's cache.
    for (let round = -1; round < rounds; round++) {
      for (const { name, program, args, seconds } of starts) {
        const from = performance.now();
        const [status] = await once(spawn(program, args, { cwd: folder, stdio: "ignore" }), "exit");
        if (status !== 0) throw new Error(`${name} ended with status ${status}`);
        if (round >= 0) seconds.push((performance.now() - from) / 1000);
      }
    }
    for (const { name, seconds } of starts) console.log(`${name}: ${(1000 * median(seconds)).toFixed(0)} ms`);
    return [{ name: "check.seconds", value: median(starts[1]!.seconds), unit: "s", target: 0.3, better: "lower" }];
  } finally {
    server.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

function serve(folder: string): string[] {
  return ["store", "serve", "--folder", folder, "--port", "0", "--json"];
}

/** An artifact, what three builders have signed of it, one of them something else, and a policy. */
async function writeResults(folder: string, url: string): Promise<void> {
  const artifact = randomBytes(100_000);
  await writeFile(join(folder, "project.tar.gz"), artifact);
  const root = () => toHex(randomBytes(32));
  const result: BuildResult = {
    buildId: root(),
    environment: { name: "releaseTarball", id: root() },
    source: { uri: "git+https://example.org/project.git", digest: { gitCommit: "1".repeat(40) } },
    exitCode: 0,
    finalRoot: root(),
    ticks: 1000,
    artifact: { name: "project.tar.gz", sha256: contentIdOf(artifact).slice("sha256:".length), size: artifact.length },
    startedAt: 1,
    finishedAt: 2,
  };
  const other = { ...result, finalRoot: root(), artifact: { ...result.artifact!, sha256: root().slice(2) } };
  const keys: Record<string, string> = {};
  for (const [name, said] of Object.entries({ alice: result, bob: result, carol: other })) {
    const signer = signerOf(randomBytes(32));
    keys[name] = signer.keyId;
    const envelope = await signStatement(signer, statementOfBuild(said, { id: signer.keyId, version: "0.1.0" }));
    await attestationFolder(join(folder, "store")).add(envelope, topicsOf(said));
  }
  const require = { builders: { least: 2, of: Object.keys(keys) } };
  await writeFile(join(folder, "policy.yaml"), stringify({ version: 1, keys, require, from: [url] }));
}
