import wabtModule from "wabt";

const wabt = await wabtModule();

/** The binary of a module in WebAssembly's text format, not validated, with its name section. */
export function textModule(text: string): Uint8Array<ArrayBuffer> {
  const parsed = wabt.parseWat("module.wat", text, { multi_value: true, sign_extension: true, bulk_memory: true });
  try {
    return new Uint8Array(parsed.toBinary({ write_debug_names: true }).buffer);
  } finally {
    parsed.destroy();
  }
}
