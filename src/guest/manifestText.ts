/** Manifests as text: JSON, checked to the last field. */

import { z } from "zod";
import type { Hex } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { checkValue, parseJson } from "../core/json.ts";
import { buildIdOf, inputRegionOf } from "../environment/environment.ts";
import { driveSiblingCount } from "../machine/drivePath.ts";
import type { Hasher } from "../merkle/hasher.ts";
import type { GuestManifest } from "./manifest.ts";
import { environmentOfManifest } from "./startMemory.ts";

const hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .transform((text) => text as Hex);
const image = z.strictObject({
  sha256: hash,
  size: z
    .int()
    .min(1)
    .max(2 ** 31),
});
const schema = z.strictObject({
  version: z.literal(2),
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
  program: z.strictObject({ name: z.string().regex(/^[A-Za-z0-9]{1,64}$/), sha256: hash }),
  images: z.strictObject({ kernel: image, root: image }),
  ramSize: z.int(),
  inputLog2Size: z.int(),
  outputLog2Size: z.int(),
  eventsPerTick: z
    .int()
    .min(1)
    .max(2 ** 24),
  timeDivider: z
    .int()
    .min(1)
    .max(2 ** 31),
  tickLimit: z
    .int()
    .min(1)
    .max(2 ** 40),
  id: hash,
  siblings: z.array(hash).max(64),
});

/** The manifest as text: fixed order of keys, one line each for siblings. */
export function encodeManifest(manifest: GuestManifest): string {
  return `${JSON.stringify(schema.parse(manifest), null, 2)}\n`;
}

/**
 * Reads a manifest from JSON and checks that it is one: sizes that can be laid out, and siblings that lead from an empty
 * input drive to its id. That the id is the one you trust is for you to check.
 * @throws AssayError `guest/bad-manifest`, `guest/bad-layout`
 */
export function parseManifest(text: string, hasher: Hasher): GuestManifest {
  const manifest = checkValue(parseJson(text, badManifest), schema, badManifest);
  const expected = driveSiblingCount(inputRegionOf(environmentOfManifest(manifest)));
  if (manifest.siblings.length !== expected) {
    throw badManifest(`it has ${manifest.siblings.length} siblings, not ${expected}`);
  }
  const given = buildIdOf(environmentOfManifest(manifest), new Uint8Array(0), hasher);
  if (given !== manifest.id) throw badManifest(`its siblings lead to ${given}, not to its id ${manifest.id}`);
  return manifest;
}

function badManifest(why: string, cause?: unknown) {
  return new AssayError("guest/bad-manifest", `no manifest of an environment: ${why}`, {}, { cause });
}
