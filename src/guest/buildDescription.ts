/**
 * What a build in a guest does, and its one form as text, which init reads (README.md, "Input drive"). Equal descriptions give
 * equal bytes.
 */
import { AssayError } from "../core/errors.ts";
import { quote, unquote } from "../core/shellQuoting.ts";
import { limits as sourceLimits } from "../source/checkTree.ts";

/** What a build in a guest does. All of it is part of the build id. */
export interface BuildDescription {
  /** Given to `sh -c` in the source's folder. */
  readonly command: string;
  /** Paths of what is wanted, in the guest: files and folders, absolute or relative to the source's folder. */
  readonly outputs: readonly string[];
  /** Patterns of test reports below the source's folder: `*` and `?` within a name, `**` for any folders. */
  readonly reports?: readonly string[];
  /** The user that the command runs as, and the source's owner; root when missing. */
  readonly user?: BuildUser | undefined;
  /** Environment variables besides those that a guest has. The order does not matter. */
  readonly variables: Readonly<Record<string, string>>;
  /** Ticks after which the guest is stopped: 1 to 2^40. */
  readonly tickLimit: bigint;
  /** Seconds since 1970: the guest's clock and SOURCE_DATE_EPOCH; not beyond what a tar archive can say. */
  readonly sourceDateEpoch: bigint;
}

/** The user of a guest besides root. */
export type BuildUser = "build";
export const buildUserId = 1000;

/** The part of a description that is text. */
export type DescribedCommand = Omit<BuildDescription, "tickLimit" | "sourceDateEpoch">;

const maxTickLimit = 2n ** 40n;
const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * The description as text: a line `name='value'` for each of its parts, in a fixed order.
 * @throws AssayError `guest/bad-description`
 */
export function encodeDescription(description: DescribedCommand): string {
  const { command, outputs, reports = [], user, variables } = description;
  const lines = [
    `command=${quote(command)}`,
    ...outputs.map((path) => `output=${quote(path)}`),
    ...reports.map((pattern) => `report=${quote(pattern)}`),
    ...(user === undefined ? [] : [`user=${quote(user)}`]),
    ...Object.keys(variables)
      .sort()
      .map((name) => `export ${name}=${quote(variables[name]!)}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** Reads a description. @param malformed makes the error that is thrown. */
export function decodeDescription(text: string, malformed: (fact: string) => Error): DescribedCommand {
  const outputs: string[] = [];
  const reports: string[] = [];
  const variables: [string, string][] = [];
  let command: string | undefined;
  let user: BuildUser | undefined;
  for (let rest = text; rest !== ""; ) {
    const name = /^(?:export )?[A-Za-z_][A-Za-z0-9_]*(?==)/.exec(rest)?.[0];
    if (name === undefined) throw malformed("its description holds something unknown");
    const value = unquote(rest.slice(name.length + 1));
    if (value === undefined || !value.rest.startsWith("\n")) throw malformed("its description is not well quoted");
    rest = value.rest.slice(1);
    if (name === "command") command = value.text;
    else if (name === "output") outputs.push(value.text);
    else if (name === "report") reports.push(value.text);
    else if (name === "user" && value.text === "build") user = value.text;
    else if (name.startsWith("export ")) variables.push([name.slice("export ".length), value.text]);
    else throw malformed(`its description holds something unknown, "${name}"`);
  }
  if (command === undefined) throw malformed("its description has no command");
  return {
    ...{ command, outputs, variables: Object.fromEntries(variables) },
    ...(reports.length > 0 && { reports }),
    ...(user !== undefined && { user }),
  };
}

/** @throws AssayError `guest/bad-description` naming what cannot be. */
export function checkDescription(description: BuildDescription): void {
  const { command, outputs, reports = [], user, variables, tickLimit, sourceDateEpoch } = description;
  checkText("the command", command);
  if (command === "") throw badDescription("the command is empty");
  for (const path of outputs) checkPath("output path", path);
  for (const pattern of reports) checkPath("pattern of reports", pattern);
  if (reports.some((pattern) => pattern.startsWith("/"))) {
    throw badDescription("reports are looked for below the source's folder: a pattern does not begin with /");
  }
  if (new Set(outputs).size < outputs.length) throw badDescription("an output is named twice");
  if (user !== undefined && user !== "build") {
    throw badDescription(`there is no user ${JSON.stringify(user)} in guests: a command runs as root, or as build`);
  }
  for (const [name, text] of Object.entries(variables)) {
    if (!namePattern.test(name))
      throw badDescription(`${JSON.stringify(name)} is not the name of an environment variable`);
    if (name === "SOURCE_DATE_EPOCH")
      throw badDescription(`the variable ${name} cannot be set: it is the source's time`);
    checkText(`the variable ${name}`, text);
  }
  if (tickLimit < 1n || tickLimit > maxTickLimit) {
    throw badDescription(`the limit must be 1 to 2^40 ticks, got ${tickLimit}`);
  }
  if (sourceDateEpoch < 0n || sourceDateEpoch > BigInt(sourceLimits.time)) {
    throw badDescription(`the time must be 0 to ${sourceLimits.time} seconds since 1970, got ${sourceDateEpoch}`);
  }
}

function checkPath(what: string, path: string): void {
  checkText(`the ${what}`, path);
  if (path === "" || path === "/") throw badDescription(`a ${what} is empty: name what the command makes`);
  if (path.split("/").includes("..")) throw badDescription(`the ${what} ${JSON.stringify(path)} goes up with ".."`);
}

function checkText(what: string, text: string): void {
  if (text.includes("\0")) throw badDescription(`${what} holds a zero byte`);
  const bytes = new TextEncoder().encode(text);
  if (new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) !== text)
    throw badDescription(`${what} cannot be written in UTF-8`);
}

function badDescription(fact: string) {
  return new AssayError("guest/bad-description", fact);
}
