/** What a client needs of an environment to compute build ids: a few hundred bytes instead of program and images. */

import { z } from "zod";
import { fromHex, type Hex, type Root, toHex } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { checkValue, parseJson } from "../core/json.ts";
import {
  type Drive,
  driveRoot,
  driveSiblingCount,
  driveSiblings,
  pairOf,
  rootWithDrive,
} from "../machine/drivePath.ts";
import { depths } from "../machine/layout.ts";
import { contentRanges } from "../machine/native/memoryRegions.ts";
import { type ClaimableProgram, type DriveImage, startState } from "../machine/program.ts";
import { StateTree } from "../machine/stateTree.ts";
import type { Hasher } from "../merkle/hasher.ts";
import { PageTree } from "../merkle/pageTree.ts";

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
  /** The drive that takes a build's dependencies, if it can have any: as large as `drive`, and right behind it in an aligned pair. */
  readonly dependencies?: Drive;
  /** State root with nothing in these drives. */
  readonly id: Root;
  /**
   * Siblings of the input region, lowest first: those in the memory tree, then the code's root, the node over globals and
   * table, and the node over registers and stack.
   */
  readonly siblings: readonly Root[];
}

/** What an environment says of where a build's input and dependencies are. */
export type InputDrives = Pick<Environment, "drive" | "dependencies">;

/** What is in the dependency drive: its bytes, or the root that `dependencyRootOf` gives for them. */
export type Dependencies = Uint8Array | { readonly root: Root };

/**
 * All that differs between the builds of one environment, as one drive: the input drive, or the pair of it and the
 * dependency drive.
 * @throws AssayError `environment/bad-environment` when the two are no pair
 */
export function inputRegionOf(drives: InputDrives): Drive {
  const region = regionOf(drives);
  if (region === undefined) throw badEnvironment("drive and dependencies are not the halves of an aligned pair");
  return region;
}

function regionOf({ drive, dependencies }: { drive: Drive; dependencies?: Drive | undefined }): Drive | undefined {
  return dependencies === undefined ? drive : pairOf(drive, dependencies);
}

/**
 * Derives the environment from what is in it. Slow: it hashes all that is in memory once.
 * @param drives what is in memory besides the program's own data, the input and the dependencies.
 * @throws AssayError `environment/bad-environment` when the input drive and that of the dependencies are no pair
 */
export function environmentOf(
  described: Pick<Environment, "name" | "program"> & InputDrives,
  claimable: ClaimableProgram,
  hasher: Hasher,
  drives: readonly DriveImage[] = [],
): Environment {
  const region = inputRegionOf(described);
  const { name, program, drive, dependencies } = described;
  const state = startState(claimable, drives);
  const memory = PageTree.of(hasher, depths.memory, state.memory, contentRanges(claimable, drives));
  const tree = new StateTree(hasher, state, { memory });
  const start = { id: tree.root(), siblings: driveSiblings(tree, region, hasher).map(toHex) };
  return { version: 1, name, program, drive, ...(dependencies && { dependencies }), ...start };
}

/**
 * The id of the build of one input: the root of the machine's first state.
 * @param input content of the input drive; what it does not fill is zero.
 * @param dependencies content of the dependency drive; it is empty when missing.
 * @throws AssayError `environment/too-large` when input or dependencies do not fit; `environment/no-dependencies` when they
 * are given and the environment has no drive for them
 */
export function buildIdOf(
  environment: InputDrives & Pick<Environment, "siblings">,
  input: Uint8Array,
  hasher: Hasher,
  dependencies?: Dependencies,
): Root {
  const region = inputRegionOf(environment);
  if (dependencies !== undefined && environment.dependencies === undefined) throw noDependencies();
  const path = environment.siblings.map((sibling) => fromHex(sibling, 32));
  let root = rootIn(environment.drive, "the input", input, hasher);
  if (environment.dependencies !== undefined) {
    const given = dependencies ?? new Uint8Array(0);
    const other = "root" in given ? given.root : dependencyRootOf(environment, given, hasher);
    root = hasher.hashPair(root, fromHex(other, 32));
  }
  return toHex(rootWithDrive(region, path, root, hasher));
}

/**
 * The root of the dependency drive with this content: what clients need to know of it to compute build ids.
 * @throws AssayError `environment/too-large`, `environment/no-dependencies`
 */
export function dependencyRootOf({ dependencies }: InputDrives, content: Uint8Array, hasher: Hasher): Root {
  if (dependencies === undefined) throw noDependencies();
  return toHex(rootIn(dependencies, "the dependency image", content, hasher));
}

function rootIn({ log2Size }: Drive, what: string, content: Uint8Array, hasher: Hasher): Uint8Array {
  const capacity = 2 ** log2Size;
  if (content.length > capacity) {
    throw new AssayError(
      "environment/too-large",
      `${what} takes ${content.length} bytes, its drive holds ${capacity}`,
      { given: content.length, capacity },
    );
  }
  return driveRoot(hasher, log2Size, content);
}

const root = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .transform((text) => text as Root);
const drive = z
  .strictObject({ address: z.int().nonnegative(), log2Size: z.int().min(12).max(32) })
  .refine(({ address, log2Size }) => address % 2 ** log2Size === 0 && address < 2 ** 32, "drive is misplaced");
const schema = z
  .strictObject({
    version: z.literal(1),
    name: z.string().min(1).max(64),
    program: z.strictObject({ name: z.string().min(1).max(64), sha256: root }),
    drive,
    dependencies: drive.optional(),
    id: root,
    siblings: z.array(root),
  })
  .refine((given) => regionOf(given) !== undefined, "drive and dependencies are not the halves of an aligned pair")
  .refine((given) => {
    const region = regionOf(given);
    return region === undefined || given.siblings.length === driveSiblingCount(region);
  }, "siblings has the wrong length")
  .transform(({ dependencies, ...rest }) => (dependencies === undefined ? rest : { ...rest, dependencies }));

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

function noDependencies() {
  return new AssayError("environment/no-dependencies", "builds in this environment cannot have dependencies");
}

function badEnvironment(why: string, cause?: unknown) {
  return new AssayError("environment/bad-environment", `no environment: ${why}`, {}, { cause });
}
