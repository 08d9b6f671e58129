import { type Command, InvalidArgumentError } from "commander";
import { fromHex, type Root } from "../core/bytes.ts";

/** Options that most commands have. */
export interface CommonOptions {
  readonly config?: string;
  readonly json: boolean;
}

export function withCommonOptions(command: Command): Command {
  return command
    .option("--config <file>", "configuration (default: $ASSAY_CONFIG, else assay.yaml)")
    .option("--json", "print as JSON", false);
}

/** 32 bytes in hexadecimal. */
export function parseRoot(text: string): Root {
  try {
    fromHex(text, 32);
  } catch {
    throw new InvalidArgumentError("expected 0x and 64 hexadecimal digits");
  }
  return text.toLowerCase() as Root;
}

/** A number of seconds, which may have decimals. */
export function parseSeconds(text: string): number {
  const value = Number(text);
  if (text === "" || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError("expected a number of seconds");
  return value;
}

/** A whole number from 0 up. */
export function parseCount(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("expected a whole number");
  return Number(text);
}

/** A whole number from 1 up. */
export function parsePositive(text: string): number {
  const value = parseCount(text);
  if (value === 0) throw new InvalidArgumentError("expected at least 1");
  return value;
}

/** A positive number of gwei, which may have decimals. */
export function parseGwei(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d{1,9})?$/.test(text) || value <= 0 || value > 1e9) {
    throw new InvalidArgumentError("expected a number of gwei, for example 0.5");
  }
  return value;
}
