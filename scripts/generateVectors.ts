import { mkdir, writeFile } from "node:fs/promises";
import { loadKeccakKernel } from "../src/merkle/node/keccakKernelNode.ts";
import { machineVectors } from "../test/support/machineVectors.ts";
import { buildWasm } from "./buildWasm.ts";

/** Writes `test/vectors/machine.json`, which the machine in both languages is held to. */
await buildWasm();
const folder = new URL("../test/vectors/", import.meta.url);
await mkdir(folder, { recursive: true });
const text = `${JSON.stringify(machineVectors(await loadKeccakKernel()), null, 2)}\n`;
await writeFile(new URL("machine.json", folder), text);
