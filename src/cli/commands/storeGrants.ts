import { type Command, InvalidArgumentError } from "commander";
import { AssayError } from "../../core/errors.ts";
import { addToken, revokeToken } from "../../store/node/storeTokens.ts";
import { createOutput, table } from "../output.ts";

interface GrantOptions {
  readonly tokens: string;
  readonly quota: number;
  readonly json: boolean;
}

export function addGrant(store: Command): void {
  store
    .command("grant")
    .argument("<name>", "who gets it: letters, digits and ._@-")
    .description("make a token with which somebody may write to a served store, and print it once")
    .requiredOption("--tokens <file>", "file of `assay store serve --accept`; made if it is not there")
    .option("--quota <bytes>", "bytes that it may have in the store; K, M, G or T behind it", parseBytes, 10 * 2 ** 30)
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
The file holds the hash of the token, from which nobody can tell it. A server that runs reads the file again.

Examples:
  assay store grant alice --tokens tokens.json
  (umask 077; assay store grant alice --tokens tokens.json --quota 20G > token)`,
    )
    .action(grant);
}

export function addRevoke(store: Command): void {
  store
    .command("revoke")
    .argument("<name>", "whose token it is")
    .description("take a token back; what was written with it stays")
    .requiredOption("--tokens <file>", "file of `assay store serve --accept`")
    .option("--json", "print as JSON", false)
    .addHelpText("after", "\nExamples:\n  assay store revoke alice --tokens tokens.json")
    .action(revoke);
}

async function grant(name: string, { tokens, quota, json }: GrantOptions): Promise<void> {
  if (!/^[A-Za-z0-9._@-]{1,64}$/.test(name)) {
    throw new AssayError("cli/bad-argument", "a name has letters, digits and ._@- only, 64 at most");
  }
  const output = createOutput(json);
  const token = await addToken(tokens, name, quota);
  output.data({ name, token, quotaBytes: quota }, () => [token]);
  output.note("It is shown this once; with it anybody can write to the store.");
}

async function revoke(name: string, { tokens, json }: Omit<GrantOptions, "quota">): Promise<void> {
  if (!(await revokeToken(tokens, name))) {
    throw new AssayError("cli/bad-argument", `${tokens} has no token ${name}`);
  }
  createOutput(json).data({ name }, () => table([["revoked", name]]));
}

const units = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 } as const;

/** A number of bytes, with a unit if there is one: `20G`. */
export function parseBytes(text: string): number {
  const found = /^(\d{1,12})([KMGT]?)$/.exec(text);
  const value = found === null ? 0 : Number(found[1]) * units[found[2] as keyof typeof units];
  if (value < 1 || !Number.isSafeInteger(value)) throw new InvalidArgumentError("expected a number of bytes, like 20G");
  return value;
}
