/** Function names of a module's name section (WebAssembly 1.0, appendix "Name Section"). For people only. */
import type { Module } from "../../wasm/module.ts";

/** By function index. A name section that is damaged gives the names up to the damage. */
export function functionNames(module: Module): Map<number, string> {
  const names = new Map<number, string>();
  const section = module.customSections.find(({ name }) => name === "name");
  if (section === undefined) return names;
  const reader = new Reader(module.bytes, section.start, section.end);
  while (!reader.done) {
    const id = reader.byte();
    const end = reader.u32() + reader.at;
    if (id === functionSubsection) {
      for (let left = reader.u32(); left > 0 && reader.at < end && !reader.done; left--) {
        const index = reader.u32();
        const name = reader.name();
        names.set(index, name);
      }
    }
    reader.at = end;
  }
  return names;
}

const functionSubsection = 1;

/** Reads past its end as `done`, with zeros. */
class Reader {
  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
    private readonly end: number,
  ) {}

  get done(): boolean {
    return this.at >= this.end;
  }

  byte(): number {
    return this.done ? 0 : this.bytes[this.at++]!;
  }

  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  }

  name(): string {
    const length = Math.min(this.u32(), this.end - this.at);
    const text = new TextDecoder().decode(this.bytes.subarray(this.at, this.at + length));
    this.at += length;
    return text;
  }
}
