import { type Root, toHex } from "../../core/bytes.ts";
import { loadKeccakKernel } from "../../merkle/node/keccakKernelNode.ts";
import { DriveTree, pieceBytes } from "../driveHasher.ts";
import { HashThreads } from "./hashThreads.ts";

/** Less than this is hashed before another thread has started. */
const leastBytes = 2 ** 24;

/** How a drive is hashed. */
export interface HashDriveOptions {
  /** The caller's included; as many as there are processors by default. */
  readonly threads?: number;
}

/**
 * The root of a drive of 2^log2Size bytes, hashed on all processors: what `dependencyRootOf` and `buildIdOf` compute in one
 * thread of content that is in memory.
 * @param content what the drive begins with, whole or in parts (a stream of a file, for example), of which a few MiB are held.
 * @throws AssayError `machine/bad-input` when the drive does not hold it, `machine/worker-fault`
 */
export async function hashDrive(
  content: Uint8Array | AsyncIterable<Uint8Array>,
  log2Size: number,
  { threads }: HashDriveOptions = {},
): Promise<Root> {
  const tree = new DriveTree(await loadKeccakKernel(), log2Size);
  if (content instanceof Uint8Array) tree.check(content.length);
  const isSmall = (content instanceof Uint8Array ? content.length : 2 ** log2Size) < leastBytes;
  const hashing = await HashThreads.start(isSmall ? 1 : threads);
  const pending: Promise<void>[] = [];
  let bytes = 0;
  try {
    for await (const piece of content instanceof Uint8Array ? piecesOf(content) : joined(content)) {
      const number = bytes / pieceBytes;
      bytes += piece.length;
      tree.check(bytes);
      const { nodes } = await hashing.hash(piece);
      const adopted = nodes.then((given) => given && tree.adopt(number, given));
      // What fails is thrown below.
      adopted.catch(() => {});
      pending.push(adopted);
    }
    await Promise.all(pending);
    return toHex(tree.root);
  } finally {
    await hashing.close();
  }
}

function* piecesOf(content: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < content.length; at += pieceBytes) yield content.subarray(at, at + pieceBytes);
}

/** Whole pieces, the last one perhaps a part; each is valid until the next one is asked for. */
async function* joined(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(pieceBytes);
  let filled = 0;
  for await (const part of parts) {
    for (let at = 0; at < part.length; ) {
      const count = Math.min(part.length - at, pieceBytes - filled);
      piece.set(part.subarray(at, at + count), filled);
      at += count;
      filled += count;
      if (filled < pieceBytes) continue;
      yield piece;
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}
