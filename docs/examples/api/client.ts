// Waits until somebody's claim about a build is final. Arguments: RPC server, address of Assay, build id.
import { connect, isAssayError, type Root } from "assay";
import { succeeded, waitFor } from "assay/client";

const [rpc = "http://127.0.0.1:8545", assay = "", buildId = ""] = process.argv.slice(2);
const deployment = { rpc, chainId: 31337n, assay, deploymentBlock: 0, confirmations: 0, logRange: 5000 };
const chain = await connect(deployment);
try {
  const result = await waitFor(chain, buildId as Root, { timeoutSeconds: 1 });
  console.log(succeeded(result) ? `built: sha256 ${result.artifactSha256}` : `failed: exit code ${result.exitCode}`);
} catch (error) {
  if (!isAssayError(error, "client/timeout")) throw error;
  console.log(`${error.message}: ${error.details.result.status}`);
} finally {
  chain.close();
}
