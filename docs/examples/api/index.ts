// The id of a build from its source alone, and what the chain says of it. Arguments: RPC server, address of Assay.
import { readFile } from "node:fs/promises";
import { buildIdOf, connect, KeccakKernel, parseEnvironment, resultOf } from "assay";
import { encodeDrive } from "assay/source";

const file = async (path: string) => await readFile(new URL(import.meta.resolve(path)));
const [keccak, fingerprint] = [await file("assay/wasm/keccak.wasm"), await file("assay/wasm/fingerprint.wasm")];
const hasher = KeccakKernel.create({ keccak, fingerprint });
const environment = parseEnvironment(`${await file("assay/environments/releaseTarball.json")}`, hasher);
const content = new TextEncoder().encode("hello\n");
const drive = encodeDrive({ name: "source", time: 0, entries: [{ path: "hello.txt", kind: "file", content }] });
const buildId = buildIdOf(environment, drive, hasher);

const [rpc = "http://127.0.0.1:8545", assay = ""] = process.argv.slice(2);
const deployment = { rpc, chainId: 31337n, assay, deploymentBlock: 0, confirmations: 0, logRange: 5000 };
const chain = await connect(deployment);
const { status } = await resultOf(chain, buildId);
console.log(`build ${buildId} is ${status}`);
chain.close();
