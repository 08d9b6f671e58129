// Runs the build of this folder, as `assay build` does. Node only.
import { startLocalRun } from "assay/build";

const { build, session } = await startLocalRun({ source: ".", environment: "releaseTarball" });
try {
  const run = await session.run({ log2Arity: 4, checkpointSeconds: 1 });
  console.log(`build ${build.buildId} ends in ${run.finalRoot} after ${run.ticks} ticks`);
} finally {
  await session.close();
}
