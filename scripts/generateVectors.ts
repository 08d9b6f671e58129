import { mkdir, writeFile } from "node:fs/promises";
import { loadKeccakKernel } from "../src/merkle/node/keccakKernelNode.ts";
import { machineVectors } from "../test/support/machineVectors.ts";
import { protocolVectors } from "../test/support/protocolVectors.ts";
import { buildWasm } from "./buildWasm.ts";

/** Writes the files in `test/vectors`, which machine and protocol are held to in both languages. */
await buildWasm();
const folder = new URL("../test/vectors/", import.meta.url);
await mkdir(folder, { recursive: true });
const write = (name: string, vectors: unknown) =>
  writeFile(new URL(name, folder), `${JSON.stringify(vectors, null, 2)}\n`);
await write("machine.json", machineVectors(await loadKeccakKernel()));
await write("protocol.json", protocolVectors());
