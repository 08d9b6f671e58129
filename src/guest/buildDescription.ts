/**
 * The input drive of a guest: what is to be done (a shell fragment that init reads) and the source (a tar archive).
 * Normative layout: `README.md`, "Input drive". Equal builds give equal bytes.
 */

import { equalBytes } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { limits as sourceLimits } from "../source/checkTree.ts";
import type { SourceTree } from "../source/source.ts";
import { quote, unquote } from "./shellQuoting.ts";
import { encodeTar } from "./tar.ts";

/** What a build in a guest does. All of it is part of the build id. */
export interface BuildDescription {
  /** Given to `sh -c` in the source's folder. */
  readonly command: string;
  /** Path of the artifact in the guest, absolute or relative to the source's folder. */
  readonly output: string;
  /** Environment variables besides PATH, HOME and SOURCE_DATE_EPOCH, which init sets. The order does not matter. */
  readonly variables: Readonly<Record<string, string>>;
  /** Ticks after which the guest is stopped: 1 to 2^40. */
  readonly tickLimit: bigint;
  /** Seconds since 1970: the guest's clock and SOURCE_DATE_EPOCH; not beyond what a tar archive can say. */
  readonly sourceDateEpoch: bigint;
}

/** What an input drive holds. */
export interface GuestInput {
  readonly description: BuildDescription;
  /** The tar archive. */
  readonly archive: Uint8Array;
}

const magic = new TextEncoder().encode("ASSAYBLD");
const version = 1;
/** Where the limit in ticks stands in the input. */
export const tickLimitAt = 16;
/** The header page: fields, then the description; the archive follows it. */
const headerBytes = 4096;
const descriptionAt = 64;
const maxDescriptionBytes = headerBytes - descriptionAt;
const maxTickLimit = 2n ** 40n;
/** Names that the fragment's own values have, or that would change how the shell reads it. */
const takenNames = new Set(["command", "output", "IFS", "SOURCE_DATE_EPOCH"]);
const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

const utf8 = new TextEncoder();

/** The description and the source as the used part of the input drive. */
export function encodeInput(description: BuildDescription, tree: SourceTree, capacity: number): Uint8Array {
  return encodeInputArchive({ description, archive: encodeTar(tree) }, capacity);
}

/**
 * As `encodeInput`, with an archive that is there already.
 * @throws AssayError `guest/bad-description`, `guest/description-too-long`, `guest/source-too-large`
 */
export function encodeInputArchive({ description, archive }: GuestInput, capacity: number): Uint8Array {
  const fragment = utf8.encode(encodeFragment(description));
  if (fragment.length > maxDescriptionBytes) {
    throw new AssayError(
      "guest/description-too-long",
      `command, output path and variables take ${fragment.length} bytes, there is room for ${maxDescriptionBytes}: ` +
        "put the command into a script in the source",
      { given: fragment.length, limit: maxDescriptionBytes },
    );
  }
  if (headerBytes + archive.length > capacity) {
    throw new AssayError(
      "guest/source-too-large",
      `the source takes ${archive.length} bytes as an archive, the input drive has room for ${capacity - headerBytes}`,
      { given: archive.length, limit: capacity - headerBytes },
    );
  }
  const bytes = new Uint8Array(headerBytes + archive.length);
  const view = new DataView(bytes.buffer);
  bytes.set(magic, 0);
  view.setUint32(8, version, true);
  view.setUint32(12, fragment.length, true);
  view.setBigUint64(tickLimitAt, description.tickLimit, true);
  view.setBigUint64(24, description.sourceDateEpoch, true);
  view.setBigUint64(32, BigInt(archive.length), true);
  bytes.set(fragment, descriptionAt);
  bytes.set(archive, headerBytes);
  return bytes;
}

/**
 * Reads an input drive back; `bytes` may be the used part or the whole drive. Accepts what `encodeInputArchive` makes and
 * nothing else, so a description that people read is the one that runs.
 * @throws AssayError `guest/malformed-input`
 */
export function decodeInput(bytes: Uint8Array): GuestInput {
  if (bytes.length < headerBytes || !equalBytes(bytes.subarray(0, 8), magic)) throw malformed("it has no magic number");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(8, true) !== version) throw malformed(`its version is ${view.getUint32(8, true)}, not ${version}`);
  const fragmentBytes = view.getUint32(12, true);
  const archiveBytes = view.getBigUint64(32, true);
  if (fragmentBytes > maxDescriptionBytes) throw malformed(`its description has ${fragmentBytes} bytes`);
  if (archiveBytes > BigInt(bytes.length - headerBytes)) throw malformed(`its archive has ${archiveBytes} bytes`);
  const end = headerBytes + Number(archiveBytes);
  const input: GuestInput = {
    description: {
      ...decodeFragment(textOf(bytes.subarray(descriptionAt, descriptionAt + fragmentBytes))),
      tickLimit: view.getBigUint64(tickLimitAt, true),
      sourceDateEpoch: view.getBigUint64(24, true),
    },
    archive: bytes.slice(headerBytes, end),
  };
  let again: Uint8Array;
  try {
    again = encodeInputArchive(input, bytes.length);
  } catch (cause) {
    throw malformed("its description cannot be", cause);
  }
  if (!equalBytes(again, bytes.subarray(0, end)) || bytes.subarray(end).some((byte) => byte !== 0)) {
    throw malformed("it is not in the canonical form");
  }
  return input;
}

function encodeFragment(description: BuildDescription): string {
  checkDescription(description);
  const { command, output, variables } = description;
  const lines = [`command=${quote(command)}`, `output=${quote(output)}`];
  for (const name of Object.keys(variables).sort()) lines.push(`export ${name}=${quote(variables[name]!)}`);
  return `${lines.join("\n")}\n`;
}

function decodeFragment(text: string): Pick<BuildDescription, "command" | "output" | "variables"> {
  let rest = text;
  const value = (prefix: string): string => {
    if (!rest.startsWith(prefix)) throw malformed(`its description lacks ${JSON.stringify(prefix)}`);
    const parsed = unquote(rest.slice(prefix.length));
    if (parsed === undefined || !parsed.rest.startsWith("\n")) throw malformed("its description is not well quoted");
    rest = parsed.rest.slice(1);
    return parsed.text;
  };
  const command = value("command=");
  const output = value("output=");
  const variables: [string, string][] = [];
  while (rest !== "") {
    const name = /^export ([A-Za-z_][A-Za-z0-9_]*)=/.exec(rest);
    if (name === null) throw malformed("its description holds something unknown");
    variables.push([name[1]!, value(name[0])]);
  }
  return { command, output, variables: Object.fromEntries(variables) };
}

function checkDescription({ command, output, variables, tickLimit, sourceDateEpoch }: BuildDescription): void {
  checkText("the command", command);
  checkText("the output path", output);
  if (command === "") throw badDescription("the command is empty");
  if (output === "") throw badDescription("the output path is empty: name the file that the command makes");
  for (const [name, text] of Object.entries(variables)) {
    if (!namePattern.test(name))
      throw badDescription(`${JSON.stringify(name)} is not the name of an environment variable`);
    if (takenNames.has(name)) throw badDescription(`the variable ${name} cannot be set: the build itself uses it`);
    checkText(`the variable ${name}`, text);
  }
  if (tickLimit < 1n || tickLimit > maxTickLimit) {
    throw badDescription(`the limit must be 1 to 2^40 ticks, got ${tickLimit}`);
  }
  if (sourceDateEpoch < 0n || sourceDateEpoch > BigInt(sourceLimits.time)) {
    throw badDescription(`the time must be 0 to ${sourceLimits.time} seconds since 1970, got ${sourceDateEpoch}`);
  }
}

function checkText(what: string, text: string): void {
  if (text.includes("\0")) throw badDescription(`${what} holds a zero byte`);
  if (new TextDecoder("utf-8", { ignoreBOM: true }).decode(utf8.encode(text)) !== text)
    throw badDescription(`${what} cannot be written in UTF-8`);
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw malformed("its description is not UTF-8", cause);
  }
}

function badDescription(fact: string) {
  return new AssayError("guest/bad-description", fact);
}

function malformed(fact: string, cause?: unknown) {
  return new AssayError("guest/malformed-input", `not an input drive of a guest: ${fact}`, {}, { cause });
}
