// Everything that has happened on the contracts of a chain. Arguments: RPC server, address of Assay.
import { connect, Ledger } from "assay/chain";

const [rpc = "http://127.0.0.1:8545", assay = ""] = process.argv.slice(2);
const deployment = { rpc, chainId: 31337n, assay, deploymentBlock: 0, confirmations: 0, logRange: 5000 };
const chain = await connect(deployment);
const ledger = new Ledger(chain);
const { events } = await ledger.refresh();
console.log(`${events.length} events, ${ledger.history.claims.size} claims`);
chain.close();
