/**
 * Node's own cryptography, many times as fast as what is written in JavaScript; undefined in a browser, which is why it is not
 * imported.
 */
export const nodeCrypto = globalThis.process?.getBuiltinModule?.("node:crypto");
