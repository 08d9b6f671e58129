/** Entry of a thread that hashes pieces of drives. */
import { parentPort, workerData } from "node:worker_threads";
import { KeccakKernel, type KernelBinaries } from "../../merkle/keccakKernel.ts";
import { pieceNodes } from "../driveHasher.ts";

const kernel = KeccakKernel.create(workerData as KernelBinaries);
const port = parentPort!;
port.on("message", (piece: Uint8Array) => port.postMessage(pieceNodes(kernel, piece)));
