import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startLocalRun } from "../../src/build/node/localRun.ts";
import { type BuildPublication, maxPublicationBytes, publish } from "../../src/client/publication.ts";
import type { VerifiedClaim } from "../../src/explorer/page/verify/messages.ts";
import { CheckpointTree, encodeCheckpoints } from "../../src/protocol/checkpoints.ts";
import { directoryStore } from "../../src/store/node/directoryStore.ts";
import { Random } from "./random.ts";
import { seed } from "./seed.ts";

/** A right claim without a chain, and what was published for it. */
export interface ClaimedBuild {
  readonly claim: VerifiedClaim;
  readonly build: BuildPublication;
  /** Content of the input drive. */
  readonly input: Uint8Array;
  /** The list of checkpoints and the claim's publication, as they were published. */
  readonly list: Uint8Array;
  readonly publication: Uint8Array;
}

/** A release tarball of files that cannot be made smaller. @param folder where its source is, and a store of it in `store`. */
export async function claimedBuild(folder: string, megabytes = 3): Promise<ClaimedBuild> {
  const source = join(folder, "source");
  await mkdir(source, { recursive: true });
  const random = new Random(seed);
  for (let i = 0; i < megabytes; i++) await writeFile(join(source, `file-${i}`), random.fill(new Uint8Array(2 ** 20)));
  const { session, build } = await startLocalRun({ source, environment: "releaseTarball" });
  try {
    const { environment, drive: input, buildId } = build;
    const log2CheckpointTicks = 4 * environment.checkpointLevels(input.length);
    const run = await session.run({ log2Arity: 4, checkpointSeconds: 2, log2CheckpointTicks });
    const { finalRoot, log2Ticks, checkpoints } = run;
    const list = encodeCheckpoints({ roots: checkpoints });
    const store = directoryStore(join(folder, "store"));
    const publishedBuild: BuildPublication = {
      kind: "assay-build",
      version: 1,
      environment: { name: environment.name, id: environment.id },
      input: { id: await store.put(input), size: input.length },
    };
    const locator = await publish(store, {
      kind: "assay-claim",
      version: 1,
      build: publishedBuild,
      checkpoints: await store.put(list),
    });
    const { root: checkpointRoot } = new CheckpointTree({ roots: checkpoints });
    const claim = {
      ...{ claimId: `0x${"11".repeat(32)}`, buildId, finalRoot, log2Ticks, checkpointRoot, locator },
      log2CheckpointTicks: run.log2CheckpointTicks,
    } satisfies VerifiedClaim;
    const publication = await store.get(locator, maxPublicationBytes);
    return { claim, build: publishedBuild, input, list, publication };
  } finally {
    await session.close();
  }
}
