/**
 * The input drive of a guest: a page that says what is to be done, and the source as an image that the guest mounts. Normative
 * layout: `README.md`, "Input drive". Equal builds give equal bytes.
 */
import { equalBytes } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import type { ErofsWriter } from "../erofs/writer.ts";
import { planSourceImage } from "../source/image.ts";
import { linuxRules, type SourceContent, type SourceTree } from "../source/source.ts";
import {
  type BuildDescription,
  type BuildUser,
  buildUserId,
  checkDescription,
  decodeDescription,
  encodeDescription,
} from "./buildDescription.ts";
import { inputHeaderBytes } from "./layout.ts";

/** What an input drive says. */
export interface GuestInput {
  readonly description: BuildDescription;
  /** The source: an erofs image. */
  readonly source: Uint8Array;
  /** Size of the image in the dependency drive; 0: there is none. */
  readonly dependenciesSize: number;
}

const magic = new TextEncoder().encode("ASSAYBLD");
const version = 2;
/** Where the limit in ticks stands in the input. */
export const tickLimitAt = 16;
const epochAt = 24;
const sourceSizeAt = 32;
const dependenciesSizeAt = 40;
const descriptionAt = 64;
const maxDescriptionBytes = inputHeaderBytes - descriptionAt;

const utf8 = new TextEncoder();

/**
 * The description and the source as the used part of the input drive.
 * @param dependenciesSize of the image in the dependency drive.
 * @throws AssayError `guest/bad-description`, `guest/description-too-long`, `guest/source-too-large`, `source/...`
 */
export function encodeInput(
  description: BuildDescription,
  tree: SourceTree,
  capacity: number,
  dependenciesSize = 0,
): Uint8Array {
  const source = encodeSource(tree, description.user);
  return encodeInputDrive({ description, source, dependenciesSize }, capacity);
}

/** As `encodeInput`, of a tree whose contents are read one after another, so that a large source is in memory once. */
export async function encodeLargeInput(
  description: BuildDescription,
  tree: SourceTree<SourceContent>,
  capacity: number,
  dependenciesSize = 0,
): Promise<Uint8Array> {
  const writer = planSource(tree, description.user);
  const bytes = newInput(description, writer.size, dependenciesSize, capacity);
  await writer.encode(bytes.subarray(inputHeaderBytes));
  return bytes;
}

/** The source as an image: one owner, modes 644 and 755, one time for everything. */
export function encodeSource(tree: SourceTree, owner?: BuildUser): Uint8Array {
  return planSource(tree, owner).encodeReady();
}

function planSource(tree: SourceTree<SourceContent>, owner?: BuildUser): ErofsWriter {
  return planSourceImage(tree, linuxRules, Number.MAX_SAFE_INTEGER, owner === undefined ? 0 : buildUserId);
}

/**
 * As `encodeInput`, with an image that is there already.
 * @throws AssayError `guest/bad-description`, `guest/description-too-long`, `guest/source-too-large`
 */
export function encodeInputDrive({ description, source, dependenciesSize }: GuestInput, capacity: number): Uint8Array {
  const bytes = newInput(description, source.length, dependenciesSize, capacity);
  bytes.set(source, inputHeaderBytes);
  return bytes;
}

/** The used part of an input drive, without the source. */
function newInput(
  description: BuildDescription,
  sourceSize: number,
  dependenciesSize: number,
  capacity: number,
): Uint8Array {
  checkDescription(description);
  const text = utf8.encode(encodeDescription(description));
  if (text.length > maxDescriptionBytes) {
    throw new AssayError(
      "guest/description-too-long",
      `command, output paths and variables take ${text.length} bytes, there is room for ${maxDescriptionBytes}: ` +
        "put the command into a script in the source",
      { given: text.length, limit: maxDescriptionBytes },
    );
  }
  if (inputHeaderBytes + sourceSize > capacity) {
    const limit = capacity - inputHeaderBytes;
    throw new AssayError(
      "guest/source-too-large",
      `the source takes ${sourceSize} bytes as an image, the input drive has room for ${limit}: take an environment with ` +
        "a larger input drive, or bring large files as dependencies",
      { given: sourceSize, limit },
    );
  }
  const bytes = new Uint8Array(inputHeaderBytes + sourceSize);
  const view = new DataView(bytes.buffer);
  bytes.set(magic, 0);
  view.setUint32(8, version, true);
  view.setUint32(12, text.length, true);
  view.setBigUint64(tickLimitAt, description.tickLimit, true);
  view.setBigUint64(epochAt, description.sourceDateEpoch, true);
  view.setBigUint64(sourceSizeAt, BigInt(sourceSize), true);
  view.setBigUint64(dependenciesSizeAt, BigInt(dependenciesSize), true);
  bytes.set(text, descriptionAt);
  return bytes;
}

/**
 * Reads an input drive back; `bytes` may be the used part or the whole drive. Accepts what `encodeInputDrive` makes and
 * nothing else, so a description that people read is the one that runs. What the image holds is not looked at.
 * @throws AssayError `guest/malformed-input`
 */
export function decodeInput(bytes: Uint8Array): GuestInput {
  if (bytes.length < inputHeaderBytes || !equalBytes(bytes.subarray(0, 8), magic)) {
    throw malformed("it has no magic number");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(8, true) !== version) throw malformed(`its version is ${view.getUint32(8, true)}, not ${version}`);
  const textBytes = view.getUint32(12, true);
  const sourceBytes = view.getBigUint64(sourceSizeAt, true);
  const dependencyBytes = view.getBigUint64(dependenciesSizeAt, true);
  if (textBytes > maxDescriptionBytes) throw malformed(`its description has ${textBytes} bytes`);
  if (sourceBytes > BigInt(bytes.length - inputHeaderBytes)) throw malformed(`its source has ${sourceBytes} bytes`);
  if (dependencyBytes > 2n ** 32n) throw malformed(`its dependencies have ${dependencyBytes} bytes`);
  const end = inputHeaderBytes + Number(sourceBytes);
  const input: GuestInput = {
    description: {
      ...decodeDescription(textOf(bytes.subarray(descriptionAt, descriptionAt + textBytes)), malformed),
      tickLimit: view.getBigUint64(tickLimitAt, true),
      sourceDateEpoch: view.getBigUint64(epochAt, true),
    },
    source: bytes.slice(inputHeaderBytes, end),
    dependenciesSize: Number(dependencyBytes),
  };
  let again: Uint8Array;
  try {
    again = encodeInputDrive(input, bytes.length);
  } catch (cause) {
    throw malformed("its description cannot be", cause);
  }
  if (!equalBytes(again, bytes.subarray(0, end)) || bytes.subarray(end).some((byte) => byte !== 0)) {
    throw malformed("it is not in the canonical form");
  }
  return input;
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw malformed("its description is not UTF-8", cause);
  }
}

function malformed(fact: string, cause?: unknown) {
  return new AssayError("guest/malformed-input", `not an input drive of a guest: ${fact}`, {}, { cause });
}
