import { parseFault } from "../../../src/agents/faults/injectedFault.ts";
import { machineFault } from "../../../src/agents/faults/machineFault.ts";
import { publishResult } from "../../../src/agents/follower/publishResult.ts";
import { openSigningKey } from "../../../src/attestation/node/signingKey.ts";
import { buildResultOf, bytesOfCheckpoints } from "../../../src/build/node/buildResult.ts";
import { finishLocalRun } from "../../../src/build/node/finishedLocalRun.ts";
import { startLocalRun } from "../../../src/build/node/localRun.ts";

/**
 * `wrongAgent.ts <repository> <commit> <key> <password> <store> <fault>`: runs the build in a machine that changes a bit of the source on the
 * way, and signs and publishes what that gives as an agent does: artifact and states. Prints the artifact's sha256.
 */
const [source, revision, key, password, store, fault] = process.argv.slice(2) as [
  ...[string, string, string, string, string, string],
];
const request = { source, revision, environment: "releaseTarball" };
const { session, build } = await startLocalRun(request, ({ environment, drive }) => ({
  fault: machineFault([parseFault(fault)], environment, drive)!,
}));
try {
  const finished = await finishLocalRun({ session, build }, () => {});
  const result = await buildResultOf({ request, build, finished, log: undefined }, source);
  const [artifact, checkpoints] = [await finished.readArtifact(), bytesOfCheckpoints(finished.checkpoints)];
  await publishResult(
    {
      result,
      executionKey: await finished.executionKey(),
      input: build.drive,
      artifact,
      checkpoints,
      log: undefined,
      test: undefined,
    },
    { publish: ["artifact"], limits: {} },
    { signer: await openSigningKey(key, password), version: "0.1.0", publishFolder: store },
  );
  console.log(JSON.stringify({ artifact: result.artifact!.sha256 }));
} finally {
  await session.close();
}
