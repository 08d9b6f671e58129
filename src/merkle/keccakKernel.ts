/** The typed loader of the hash kernel (`assembly/`): keccak256 and keyed page fingerprints inside WebAssembly memory. */
import { AssayError } from "../core/errors.ts";
import { type Hasher, hashBytes, leafBytes, nodeBytes, pageBytes } from "./hasher.ts";

interface KernelExports {
  readonly memory: WebAssembly.Memory;
  input(): number;
  output(): number;
  key(): number;
  hash(length: number): void;
  hashLeaves(count: number): void;
  hashNodes(count: number): void;
  hashPages(count: number): void;
}

type Fingerprint = (from: number, count: number, to: number, key: number) => void;

/** What is built from `assembly/`. Each is below 4 KiB, so that browsers compile it at once. */
export interface KernelBinaries {
  /** `build/wasm/keccak.wasm`. */
  readonly keccak: Uint8Array;
  /** `build/wasm/fingerprint.wasm`. */
  readonly fingerprint: Uint8Array;
}

/** Takes fingerprints of the pages of one memory, where they are. */
export interface PageFingerprints {
  /** Those of `count` pages from page `first` on, 16 bytes each, to the beginning of `to`. At most 2,048 pages at a time. */
  take(first: number, count: number, to: Uint8Array): void;
}

const inputBytes = 65536;
const fingerprintKeyBytes = 8192;
/** Bytes of a page's fingerprint. */
export const fingerprintBytes = 16;

/**
 * keccak256 in batches, and fingerprints of pages under a key that is drawn when the kernel is made and never leaves it:
 * a kernel's fingerprints compare only with its own. Holds 128 KiB; one thread uses one kernel.
 */
export class KeccakKernel implements Hasher {
  private readonly kernel: KernelExports;
  private readonly fingerprintModule: WebAssembly.Module;
  private readonly input: Uint8Array;
  private readonly output: Uint8Array;
  private readonly worked: () => void;

  private constructor(kernel: KernelExports, fingerprintModule: WebAssembly.Module, worked: () => void) {
    this.kernel = kernel;
    this.fingerprintModule = fingerprintModule;
    this.worked = worked;
    const { buffer } = kernel.memory;
    this.input = new Uint8Array(buffer, kernel.input(), inputBytes);
    this.output = new Uint8Array(buffer, kernel.output(), inputBytes / 2);
    crypto.getRandomValues(new Uint8Array(buffer, kernel.key(), fingerprintKeyBytes));
  }

  /**
   * @param worked called after each batch that was hashed, of at most 64 KiB, and each that was looked through; must not
   * throw.
   * @throws AssayError `merkle/bad-kernel`
   */
  static create(binaries: KernelBinaries, worked: () => void = () => {}): KeccakKernel {
    const compiled = (binary: Uint8Array) => new WebAssembly.Module(binary as Uint8Array<ArrayBuffer>);
    try {
      const { exports } = new WebAssembly.Instance(compiled(binaries.keccak));
      return new KeccakKernel(exports as unknown as KernelExports, compiled(binaries.fingerprint), worked);
    } catch (cause) {
      const hint = "build it again, and use an engine with WebAssembly 3.0 (multiple memories)";
      throw new AssayError("merkle/bad-kernel", `the hash kernel cannot be loaded: ${hint}`, {}, { cause });
    }
  }

  hash(bytes: Uint8Array): Uint8Array {
    if (bytes.length > inputBytes) {
      throw new AssayError("merkle/out-of-range", `expected at most ${inputBytes} bytes, got ${bytes.length}`, {
        what: "bytes",
        value: bytes.length,
        end: inputBytes + 1,
      });
    }
    this.input.set(bytes);
    this.kernel.hash(bytes.length);
    this.worked();
    return this.output.slice(0, hashBytes);
  }

  hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
    this.input.set(left);
    this.input.set(right, hashBytes);
    this.kernel.hashNodes(1);
    return this.output.slice(0, hashBytes);
  }

  hashLeaves(leaves: Uint8Array): Uint8Array {
    const hashes = new Uint8Array((leaves.length / leafBytes) * hashBytes);
    for (let at = 0; at < leaves.length; at += inputBytes) {
      const batch = leaves.subarray(at, at + inputBytes);
      const count = batch.length / leafBytes;
      this.input.set(batch);
      this.kernel.hashLeaves(count);
      this.worked();
      hashes.set(this.output.subarray(0, count * hashBytes), (at / leafBytes) * hashBytes);
    }
    return hashes;
  }

  hashNodesAt(children: Uint8Array, indices: Uint32Array, parents: Uint8Array): void {
    this.inBatches(children, indices, parents, nodeBytes, (count) => this.kernel.hashNodes(count));
  }

  hashPagesAt(source: Uint8Array, pages: Uint32Array, nodes: Uint8Array): void {
    this.inBatches(source, pages, nodes, pageBytes, (count) => this.kernel.hashPages(count));
  }

  /** Of the pages of this memory, which may grow meanwhile. */
  fingerprintsOf(pages: WebAssembly.Memory): PageFingerprints {
    const { kernel, output, worked } = this;
    const { exports } = new WebAssembly.Instance(this.fingerprintModule, {
      kernel: { memory: kernel.memory },
      pages: { memory: pages },
    });
    const fingerprint = exports.fingerprint as Fingerprint;
    return {
      take(first, count, to) {
        fingerprint(first * pageBytes, count, kernel.output(), kernel.key());
        worked();
        to.set(output.subarray(0, count * fingerprintBytes));
      },
    };
  }

  private inBatches(
    from: Uint8Array,
    indices: Uint32Array,
    to: Uint8Array,
    size: number,
    run: (count: number) => void,
  ): void {
    const batchSize = inputBytes / size;
    for (let start = 0; start < indices.length; start += batchSize) {
      const count = Math.min(batchSize, indices.length - start);
      // Runs of neighbouring indices are copied as one, in both directions.
      for (let i = 0, run = 0; i < count; i += run) {
        run = runLength(indices, start + i, start + count);
        this.load(from, indices[start + i]! * size, run * size, i * size);
      }
      run(count);
      this.worked();
      for (let i = 0, run = 0; i < count; i += run) {
        run = runLength(indices, start + i, start + count);
        to.set(this.output.subarray(i * hashBytes, (i + run) * hashBytes), indices[start + i]! * hashBytes);
      }
    }
  }

  /** Copies into the input at `to`, zeros where `from` has ended. */
  private load(from: Uint8Array, at: number, length: number, to: number): void {
    const end = Math.min(from.length, at + length);
    const copied = Math.max(0, end - at);
    if (copied > 0) this.input.set(from.subarray(at, end), to);
    if (copied < length) this.input.fill(0, to + copied, to + length);
  }
}

/** Number of neighbouring indices from `start` on, before `end`. */
function runLength(indices: Uint32Array, start: number, end: number): number {
  let length = 1;
  while (start + length < end && indices[start + length] === indices[start]! + length) length++;
  return length;
}
