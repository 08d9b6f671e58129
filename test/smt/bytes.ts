import { concat, constant, extract, type Term } from "./terms/index.ts";

/** One byte of a word: which, from the word's most significant. */
interface Cell {
  readonly word: Term;
  readonly index: number;
}

const zero: Cell = { word: constant(0, 8), index: 0 };

/** Bytes at concrete places, zero where nothing was written: memory, calldata, or what a call returns. */
export class Bytes {
  private readonly cells: Map<number, Cell>;
  /** One more than the highest place written. */
  length = 0;

  constructor(cells = new Map<number, Cell>()) {
    this.cells = cells;
  }

  copy(): Bytes {
    const copy = new Bytes(new Map(this.cells));
    copy.length = this.length;
    return copy;
  }

  /** Writes a term of whole bytes. */
  write(at: number, word: Term): void {
    const count = word.width / 8;
    for (let index = 0; index < count; index++) this.set(at + index, { word, index });
  }

  writeFrom(at: number, source: Bytes, from: number, count: number): void {
    const cells = Array.from({ length: count }, (_, i) => source.cells.get(from + i) ?? zero);
    cells.forEach((cell, i) => {
      this.set(at + i, cell);
    });
  }

  /** `count` bytes as one term. Bytes that were written together are read as the slice that they are. */
  read(at: number, count: number): Term {
    const pieces: Term[] = [];
    for (let i = 0; i < count; ) {
      const { word, index } = this.cells.get(at + i) ?? zero;
      let run = 1;
      for (; i + run < count; run++) {
        const next = this.cells.get(at + i + run);
        if (next?.word !== word || next.index !== index + run) break;
      }
      pieces.push(extract(word, word.width - 1 - 8 * index, word.width - 8 * (index + run)));
      i += run;
    }
    return concat(pieces);
  }

  /** All words from a place on, the last one possibly shorter. */
  words(at: number, count: number): readonly Term[] {
    return Array.from({ length: Math.ceil(count / 32) }, (_, i) =>
      this.read(at + 32 * i, Math.min(32, count - 32 * i)),
    );
  }

  private set(at: number, cell: Cell): void {
    this.cells.set(at, cell);
    this.length = Math.max(this.length, at + 1);
  }
}
