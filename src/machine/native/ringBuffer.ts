/** A ring buffer in a program's memory that the program writes and the host only reads, between ticks. */

export interface RingBuffer {
  /** Address of a u64: bytes written since the start. Byte number i is at `address + i % size`. */
  readonly countAddress: number;
  readonly address: number;
  /** In bytes. */
  readonly size: number;
}

/** What was written since it was last looked at. */
export interface RingContent {
  /** Number of the first byte in `bytes`: more than has been read before where the ring has overflowed. */
  readonly from: number;
  readonly bytes: Uint8Array;
}

/** Reads a ring buffer to its end again and again. A state that is gone back to has nothing new in it. */
export class RingReader {
  private readonly ring: RingBuffer;
  private read: number;

  /** @param from number of the first byte that is wanted. */
  constructor(ring: RingBuffer, from = 0) {
    this.ring = ring;
    this.read = from;
  }

  /** A copy of what is new; undefined when nothing is. A program can write any count: it never leads out of the ring. */
  take(memory: Uint8Array): RingContent | undefined {
    const { countAddress, address, size } = this.ring;
    const view = new DataView(memory.buffer, memory.byteOffset + countAddress, 8);
    const count = view.getUint32(0, true) + (view.getUint32(4, true) & 0x1fffff) * 2 ** 32;
    if (count <= this.read) return undefined;
    const from = Math.max(this.read, count - size);
    const bytes = new Uint8Array(count - from);
    const start = from % size;
    const head = Math.min(bytes.length, size - start);
    bytes.set(memory.subarray(address + start, address + start + head));
    bytes.set(memory.subarray(address, address + bytes.length - head), head);
    this.read = count;
    return { from, bytes };
  }
}
