// The contract by itself, through ethers. Arguments: RPC server, address of Assay.
import { IAssay__factory } from "assay/contracts";
import { JsonRpcProvider } from "ethers";

const [rpc = "http://127.0.0.1:8545", assay = ""] = process.argv.slice(2);
const provider = new JsonRpcProvider(rpc);
const contract = IAssay__factory.connect(assay, provider);
console.log(`step verifier: ${await contract.stepVerifier()}`);
provider.destroy();
