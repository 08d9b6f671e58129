import wabt from "wabt";
import type { ModuleSource } from "./script.ts";

const features = {
  mutable_globals: true,
  sat_float_to_int: true,
  sign_extension: true,
  multi_value: true,
  bulk_memory: true,
  reference_types: true,
};

const toolkit = await wabt();

/**
 * The binary of a script's module. Text is translated as it stands, valid or not.
 * @returns undefined when the text format does not allow it
 */
export function toBinary(source: ModuleSource): Uint8Array | undefined {
  if (source.kind === "binary") return source.bytes;
  const text = source.kind === "text" || isWrapped(source.text) ? source.text : wrap(source.text);
  try {
    // wabt passes the whole buffer behind a view on, hence the copy.
    const module = toolkit.parseWat("module.wat", new Uint8Array(text), features);
    try {
      return module.toBinary({}).buffer.slice();
    } finally {
      module.destroy();
    }
  } catch {
    return undefined;
  }
}

function isWrapped(text: Uint8Array): boolean {
  return /^\s*\(\s*module\b/.test(Buffer.from(text).toString("latin1"));
}

function wrap(fields: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([Buffer.from("(module "), fields, Buffer.from(")")]));
}
