/** What a client needs of an environment to compute build ids: a few hundred bytes instead of program and images. */

import { z } from "zod";
import { fromHex, type Hex, type Root, toHex } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { checkValue, parseJson } from "../core/json.ts";
import { type Drive, driveSiblingCount, driveSiblings, rootWithDrive } from "../machine/drivePath.ts";
import { type ClaimableProgram, type DriveImage, startState } from "../machine/program.ts";
import { StateTree } from "../machine/stateTree.ts";
import type { Hasher } from "../merkle/hasher.ts";

/**
 * A program and everything that is in its memory before the first tick, besides the input of a build. Who trusts an
 * environment trusts exactly these roots.
 */
export interface Environment {
  readonly version: 1;
  readonly name: string;
  /** The program's binary as it is published; its memory may be set to another size in this environment. */
  readonly program: { readonly name: string; readonly sha256: Hex };
  /** The drive that takes the input of a build. */
  readonly drive: Drive;
  /** State root with an empty input drive. */
  readonly id: Root;
  /**
   * Siblings of the input drive, lowest first: those in the memory tree, then the code's root, the node over globals and
   * table, and the node over registers and stack.
   */
  readonly siblings: readonly Root[];
}

/**
 * Derives the environment from what is in it. Slow: it hashes the whole first state once.
 * @param drives what is in memory besides the program's own data and the input.
 */
export function environmentOf(
  { name, program, drive }: Pick<Environment, "name" | "program" | "drive">,
  claimable: ClaimableProgram,
  hasher: Hasher,
  drives: readonly DriveImage[] = [],
): Environment {
  const tree = new StateTree(hasher, startState(claimable, drives));
  return { version: 1, name, program, drive, id: tree.root(), siblings: driveSiblings(tree, drive, hasher).map(toHex) };
}

/**
 * The id of the build of one input: the root of the machine's first state.
 * @param input content of the input drive; what it does not fill is zero.
 * @throws AssayError `environment/too-large` when it does not fit.
 */
export function buildIdOf(
  { drive, siblings }: Pick<Environment, "drive" | "siblings">,
  input: Uint8Array,
  hasher: Hasher,
): Root {
  const capacity = 2 ** drive.log2Size;
  if (input.length > capacity) {
    throw new AssayError(
      "environment/too-large",
      `the input takes ${input.length} bytes, its drive holds ${capacity}`,
      { given: input.length, capacity },
    );
  }
  const path = siblings.map((sibling) => fromHex(sibling, 32));
  return toHex(rootWithDrive(drive, path, input, hasher));
}

const root = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .transform((text) => text as Root);
const schema = z
  .strictObject({
    version: z.literal(1),
    name: z.string().min(1).max(64),
    program: z.strictObject({ name: z.string().min(1).max(64), sha256: root }),
    drive: z.strictObject({ address: z.int().nonnegative(), log2Size: z.int().min(12).max(32) }),
    id: root,
    siblings: z.array(root),
  })
  .refine(({ drive }) => drive.address % 2 ** drive.log2Size === 0 && drive.address < 2 ** 32, "drive is misplaced")
  .refine(({ drive, siblings }) => siblings.length === driveSiblingCount(drive), "siblings has the wrong length");

/**
 * Reads an environment from JSON and checks that it is one: its siblings must lead from an empty drive to its id.
 * @throws AssayError `environment/bad-environment`
 */
export function parseEnvironment(text: string, hasher: Hasher): Environment {
  const environment = checkValue(parseJson(text, badEnvironment), schema, badEnvironment);
  const given = buildIdOf(environment, new Uint8Array(0), hasher);
  if (given !== environment.id) throw badEnvironment(`its siblings lead to ${given}, not to ${environment.id}`);
  return environment;
}

function badEnvironment(why: string, cause?: unknown) {
  return new AssayError("environment/bad-environment", `no environment: ${why}`, {}, { cause });
}
