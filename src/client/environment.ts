import { z } from "zod";
import { fromHex, type Hex, type Root, toHex } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { driveSiblingCount, driveSiblings, rootWithDrive } from "../machine/drivePath.ts";
import { type ClaimableProgram, startState } from "../machine/program.ts";
import { StateTree } from "../machine/stateTree.ts";
import type { Hasher } from "../merkle/hasher.ts";
import type { Program } from "../programs/program.ts";
import type { ClientErrorCode } from "./errors.ts";

/**
 * What a client needs to know of a program and everything around the source to compute build ids: a few hundred bytes
 * instead of the images themselves. Whoever trusts the environment trusts exactly these roots.
 */
export interface Environment {
  readonly version: 1;
  readonly program: { readonly name: string; readonly sha256: Hex };
  /** The drive that holds the source. */
  readonly drive: { readonly address: number; readonly log2Size: number };
  /** State root with an empty source drive. */
  readonly root: Root;
  /**
   * Siblings of the source drive, lowest first: those in the memory tree, then the code's root, the node over globals and
   * table, and the node over registers and stack.
   */
  readonly siblings: readonly Root[];
}

/** Derives the environment from the program itself. Slow: it hashes the whole first state once. */
export function environmentOf(program: Program, claimable: ClaimableProgram, hasher: Hasher): Environment {
  const tree = new StateTree(hasher, startState(claimable));
  const { address, log2Size } = program.inputDrive;
  return {
    version: 1,
    program: { name: program.name, sha256: program.sha256 },
    drive: { address, log2Size },
    root: tree.root(),
    siblings: driveSiblings(tree, program.inputDrive, hasher).map(toHex),
  };
}

/**
 * The id of the build of one source: the root of the machine's first state.
 * @param drive content of the source drive; what it does not fill is zero.
 * @throws AssayError `client/bad-environment` when the source does not fit.
 */
export function buildIdOf(environment: Environment, drive: Uint8Array, hasher: Hasher): Root {
  const { log2Size } = environment.drive;
  if (drive.length > 2 ** log2Size) {
    throw new AssayError<ClientErrorCode>(
      "client/bad-environment",
      `the source takes ${drive.length} bytes, its drive holds ${2 ** log2Size}`,
      { given: drive.length, capacity: 2 ** log2Size },
    );
  }
  const siblings = environment.siblings.map((sibling) => fromHex(sibling, 32));
  return toHex(rootWithDrive(environment.drive, siblings, drive, hasher));
}

const root = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .transform((text) => text as Root);
const schema = z
  .strictObject({
    version: z.literal(1),
    program: z.strictObject({ name: z.string().min(1).max(64), sha256: root }),
    drive: z.strictObject({ address: z.int().nonnegative(), log2Size: z.int().min(12).max(32) }),
    root,
    siblings: z.array(root),
  })
  .refine(({ drive }) => drive.address % 2 ** drive.log2Size === 0 && drive.address < 2 ** 32, "drive is misplaced")
  .refine(({ drive, siblings }) => siblings.length === driveSiblingCount(drive), "siblings has the wrong length");

/**
 * Reads an environment from JSON and checks that it is one: its siblings must lead from an empty drive to its root.
 * @throws AssayError `client/bad-environment`
 */
export function parseEnvironment(text: string, hasher: Hasher): Environment {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw badEnvironment("it is not JSON", cause);
  }
  const checked = schema.safeParse(raw);
  if (!checked.success) {
    throw badEnvironment(checked.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "));
  }
  const given = buildIdOf(checked.data, new Uint8Array(0), hasher);
  if (given !== checked.data.root) throw badEnvironment(`its siblings lead to ${given}, not to ${checked.data.root}`);
  return checked.data;
}

function badEnvironment(why: string, cause?: unknown): AssayError<ClientErrorCode> {
  return new AssayError<ClientErrorCode>("client/bad-environment", `no environment: ${why}`, {}, { cause });
}
