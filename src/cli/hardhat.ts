import { AssayError } from "../core/errors.ts";

/**
 * Hardhat is an optional dependency: everything but a local chain works without it.
 * @throws AssayError `cli/refused` when it is not installed
 */
export function requireHardhat(): void {
  try {
    import.meta.resolve("hardhat/hre");
  } catch (cause) {
    throw new AssayError(
      "cli/refused",
      "a local chain needs Hardhat, which is not installed: install this package again without --omit=optional, or " +
        "Hardhat beside it (npm install hardhat@3)",
      {},
      { cause },
    );
  }
}
