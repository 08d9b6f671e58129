import type { Root } from "../core/bytes.ts";
import { zeroRoot } from "./hash.ts";

/**
 * Whether one's own state root is what the solver tells. A trace says `zeroRoot` for a state that does not exist (the end
 * of a tick that takes more steps than any claim may): it equals no claimed root, not even the same 32 bytes.
 */
export function agrees(own: Root, claimed: Root): boolean {
  return own !== zeroRoot && own === claimed;
}
