/** Proofs of parts of a state, around siblings that are made up. */
import { keccak256 } from "ethers";
import { concatBytes, toHex } from "../../src/core/bytes.ts";
import { leafBytes } from "../../src/machine/layout.ts";

/** `RegistersProof` of the contracts. */
export interface RegistersProofArgument {
  readonly registers: [string, string, string, string];
  readonly stackRoot: string;
  readonly rest: string;
}

export function proveRegisters(registers: Int32Array, stackRoot: Uint8Array, rest: Uint8Array): RegistersProofArgument {
  const leaf = bytesOf(registers);
  const words = [0, 32, 64, 96].map((at) => toHex(leaf.slice(at, at + 32)));
  return { registers: words as [string, string, string, string], stackRoot: toHex(stackRoot), rest: toHex(rest) };
}

export function rootOfRegisters({ registers, stackRoot, rest }: RegistersProofArgument): string {
  const leaf = keccak256(`0x${registers.map((word) => word.slice(2)).join("")}`);
  return pair(pair(leaf, stackRoot), rest);
}

/** `header ‖ memory leaf 0 ‖ siblings` of a memory that begins with `record`, and the state's root. */
export function proveResult(
  registers: Int32Array,
  record: Uint8Array,
  sibling: () => Uint8Array,
): { root: string; proof: Uint8Array } {
  const leaf = new Uint8Array(leafBytes);
  leaf.set(record);
  const siblings = Array.from({ length: 25 }, sibling);
  const memoryRoot = siblings.reduce((node, next) => pair(node, toHex(next)), keccak256(leaf));
  const [stackRoot, globalsRoot, tableRoot, codeRoot] = [sibling(), sibling(), sibling(), sibling()] as const;
  const rest = pair(pair(toHex(globalsRoot), toHex(tableRoot)), pair(toHex(codeRoot), memoryRoot));
  const header = [
    bytesOf(registers),
    stackRoot,
    globalsRoot,
    tableRoot,
    codeRoot,
    Buffer.from(memoryRoot.slice(2), "hex"),
  ];
  return {
    root: pair(pair(keccak256(bytesOf(registers)), toHex(stackRoot)), rest),
    proof: concatBytes(...header, leaf, ...siblings),
  };
}

function bytesOf(registers: Int32Array): Uint8Array {
  return new Uint8Array(registers.buffer, registers.byteOffset, registers.byteLength);
}

function pair(left: string, right: string): string {
  return keccak256(`0x${left.slice(2)}${right.slice(2)}`);
}
