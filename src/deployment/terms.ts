import { z } from "zod";
import { AssayError } from "../core/errors.ts";
import { type ParameterRule, type Parameters, parameterRules } from "../protocol/parameters.ts";

const count = z.int().nonnegative();

/** JSON has no numbers of this size; Ignition writes them as a string that ends in n. */
const wei = z
  .string()
  .regex(/^\d{1,30}n$/, 'is not a number of wei in quotes that ends in n, such as "1000000000n"')
  .transform((text) => BigInt(text.slice(0, -1)));

/** The terms of a deployment as they stand in files: names, order and units of `Parameters`. */
export const termsSchema = z.strictObject({
  log2Arity: count,
  maxLog2Steps: count.max(255),
  burnPermille: count,
  solverBond: wei,
  challengerBond: wei,
  solverBudgetSeconds: count,
  challengerBudgetSeconds: count,
  minResponseSeconds: count,
  baseWindowSeconds: count,
  tickAllowanceMicroseconds: count,
  maxWindowSeconds: count,
  minCommitAgeSeconds: count,
  maxCommitAgeSeconds: count,
  reactionSeconds: count,
  stepsPerSecond: count,
  solverDisputeGas: count,
  challengerDisputeGas: count,
  gasPriceCeilingWei: wei,
});

/** A parameter file, which is also one of Hardhat Ignition for the module `Assay`. */
const fileSchema = z.strictObject({ Assay: z.strictObject({ terms: termsSchema }) });

/** Terms as they are written to files; the inverse of `termsSchema`. */
export function termsToJson(terms: Parameters): z.input<typeof termsSchema> {
  const { solverBond, challengerBond, gasPriceCeilingWei } = terms;
  return {
    ...terms,
    solverBond: `${solverBond}n`,
    challengerBond: `${challengerBond}n`,
    gasPriceCeilingWei: `${gasPriceCeilingWei}n`,
  };
}

/**
 * Reads a parameter file and checks it against the contract's own rules.
 * @param file where the text came from, for errors.
 * @throws AssayError `deployment/bad-parameters` naming everything that is wrong.
 */
export function parseParameters(text: string, file: string): Parameters {
  const checked = fileSchema.safeParse(parseJson(text, file));
  if (!checked.success) throw badParameters(file, faultsOf(checked.error));
  const { terms } = checked.data.Assay;
  const broken = brokenRules(terms);
  if (broken.length > 0) throw badParameters(file, broken);
  return terms;
}

/** A sentence for each of the contract's rules that the terms break. */
export function brokenRules(terms: Parameters): readonly string[] {
  return [...parameterRules(terms)].filter(({ least, most, given }) => given < least || given > most).map(describeRule);
}

/** What a checked file is wrong about, one sentence for each line. */
export function faultsOf(error: z.ZodError): readonly string[] {
  return error.issues.map(({ path, message }) => `${path.join(".") || "the file"}: ${message}`);
}

/** Why the contract has a rule, where its bounds do not say it. Names as in `ParameterOutOfRange`. */
const reasons: Readonly<Record<string, string>> = {
  burnPermille: "at least half of a lost bond burns, since what moves between two pockets of one owner deters nobody",
  solverBudgetSeconds: "time for the longest tick, 2^maxLog2Steps at stepsPerSecond, and for one whole move",
  challengerBudgetSeconds: "time for the longest tick, 2^maxLog2Steps at stepsPerSecond, and for one whole move",
  reactionSeconds: "time for one whole move (minResponseSeconds)",
  minCommitAgeSeconds: "less than maxCommitAgeSeconds",
  baseWindowSeconds:
    "at least minResponseSeconds, and maxCommitAgeSeconds so that an earlier commitment can still join",
  maxWindowSeconds: "at least the window of a claim of one tick",
  "paid share of solverBond":
    "what is not burned of the bond pays for challengerDisputeGas at gasPriceCeilingWei; raise the bond or lower the ceiling",
  "paid share of challengerBond":
    "what is not burned of the bond pays for solverDisputeGas at gasPriceCeilingWei; raise the bond or lower the ceiling",
};

/** A broken rule in words. */
export function describeRule({ name, least, most, given }: ParameterRule): string {
  const reason = reasons[name];
  return `${name}: ${given} is not between ${least} and ${most}${reason === undefined ? "" : ` (${reason})`}`;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AssayError("deployment/bad-parameters", `${file} is not JSON: ${why}`, { file }, { cause });
  }
}

function badParameters(file: string, faults: readonly string[]) {
  return new AssayError("deployment/bad-parameters", `${file}: ${faults.join("; ")}`, { file, faults });
}
