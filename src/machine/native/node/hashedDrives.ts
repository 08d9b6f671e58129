import { hashBytes, pageBytes, pageLevels } from "../../../merkle/hasher.ts";
import { KeccakKernel, type KernelBinaries } from "../../../merkle/keccakKernel.ts";
import { zeroRoots } from "../../../merkle/zeroRoots.ts";
import { pieceBytes } from "../../driveHasher.ts";
import { HashThreads } from "../../node/hashThreads.ts";
import type { DriveImage } from "../../program.ts";
import type { HashedDrive } from "../machine.ts";

/** Less than this the machine's thread hashes itself. */
const leastBytes = 2 ** 24;
/** Less than this is hashed before other threads have started. */
const leastForThreads = 2 ** 26;

/** Hashes large drives on all processors, while the machine's thread starts. */
export async function hashedDrives(drives: readonly DriveImage[], binaries: KernelBinaries): Promise<HashedDrive[]> {
  const large = drives.filter(({ bytes }) => bytes.length >= leastBytes);
  if (large.length === 0) return [];
  const zero = zeroRoots(KeccakKernel.create(binaries), pageLevels)[pageLevels]!;
  const isWorthThreads = large.reduce((sum, { bytes }) => sum + bytes.length, 0) >= leastForThreads;
  const threads = await HashThreads.start(isWorthThreads ? undefined : 1);
  try {
    const pending: Promise<void>[] = [];
    const hashed = large.map(({ address, bytes }) => {
      return { address, bytes, nodes: new Uint8Array(Math.ceil(bytes.length / pageBytes) * hashBytes) };
    });
    for (const { bytes, nodes } of hashed) {
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        const place = nodes.subarray((at / pageBytes) * hashBytes, ((at + pieceBytes) / pageBytes) * hashBytes);
        const { nodes: answer } = await threads.hash(bytes.subarray(at, at + pieceBytes));
        const placed = answer.then((given) => {
          if (given !== undefined) return place.set(given);
          for (let to = 0; to < place.length; to += hashBytes) place.set(zero, to);
        });
        // What fails is thrown below.
        placed.catch(() => {});
        pending.push(placed);
      }
    }
    await Promise.all(pending);
    return hashed.map(({ address, nodes }) => ({ address, nodes }));
  } finally {
    await threads.close();
  }
}
