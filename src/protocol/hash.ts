import { keccak256, toUtf8Bytes } from "ethers";
import { fromHex, type Hex, type Root } from "../core/bytes.ts";

/** The root that is no root: of an absent thing (a checkpoint tree without leaves, a state that is never reached). */
export const zeroRoot: Root = `0x${"0".repeat(64)}`;

/** keccak256 of the two roots one after the other: the inner node of every tree in the protocol. */
export function hashPair(left: Root, right: Root): Root {
  return keccak256(left + right.slice(2)) as Root;
}

/** keccak256 of 32-byte words one after another, which is `keccak256(abi.encode(...))` of static values. */
export function hashWords(...words: readonly (Root | bigint | number)[]): Root {
  return keccak256(`0x${words.map(word).join("")}`) as Root;
}

/** keccak256 of bytes. */
export function hashBytes(bytes: Uint8Array | Hex): Root {
  return keccak256(bytes) as Root;
}

/** keccak256 of a text's UTF-8 bytes. */
export function hashText(text: string): Root {
  return keccak256(toUtf8Bytes(text)) as Root;
}

/** The 64 hexadecimal digits of a number below 2^256, or of a root. */
function word(value: Root | bigint | number): string {
  if (typeof value === "string") {
    fromHex(value, 32);
    return value.slice(2);
  }
  return value.toString(16).padStart(64, "0");
}
