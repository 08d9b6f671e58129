/** Just enough of an encoder to hand one function, with a memory beside it, to the engine. */

export type ValueType = "i32" | "i64";

const typeCodes: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e };

export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

export function signed(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    if ((rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

/** A module that exports `f` with this body, and one page of memory as `memory`. `body` is without its final `end`. */
export function functionModule(
  parameters: readonly ValueType[],
  results: readonly ValueType[],
  body: readonly number[],
): Uint8Array<ArrayBuffer> {
  const types = (list: readonly ValueType[]) => vector(list.map((type) => [typeCodes[type]]));
  const code = [0, ...body, 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector([[0x60, ...types(parameters), ...types(results)]])),
    ...section(3, vector([[0]])),
    ...section(5, vector([[1, 1, 1]])),
    ...section(
      7,
      vector([
        [1, 0x66, 0, 0],
        [6, ...new TextEncoder().encode("memory"), 2, 0],
      ]),
    ),
    ...section(10, vector([[...unsigned(code.length), ...code]])),
  ]);
}
