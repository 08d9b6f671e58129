/** Hashes a drive of 1 GiB that comes as a stream: prints what it took, as JSON. */
import { hashDrive } from "../src/machine/node/hashDrive.ts";
import { peakMebibytes } from "./ownProcess.ts";

const log2Size = 30;
const partBytes = 2 ** 16;
const words = Uint32Array.from({ length: 2 ** 24 }, (_, i) => Math.imul(i, 0x9e3779b1));
const block = new Uint8Array(words.buffer);

async function* content(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < 2 ** log2Size; at += partBytes) {
    yield block.subarray(at % block.length, (at % block.length) + partBytes);
  }
}

const started = performance.now();
await hashDrive(content(), log2Size);
const seconds = (performance.now() - started) / 1000;
console.log(JSON.stringify({ seconds, bytes: 2 ** log2Size, peakMebibytes: peakMebibytes() }));
