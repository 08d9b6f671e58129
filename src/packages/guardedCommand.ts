import type { LockedPackage } from "./lockedPackage.ts";

/**
 * Options of `npm ci` that change neither what is installed nor where. Others are refused by being none of these: npm takes every
 * beginning of an option's name for the option.
 */
const npmOptions =
  /^(-s|--(silent|ignore-scripts|foreground-scripts|no-audit|no-fund|no-progress|offline|prefer-offline)|--(omit|include)=(dev|optional|peer)|--loglevel=[a-z]+)$/;

/** Why `npm` with these arguments may do something else than install what the lock in this folder pins; undefined if it does not. */
export function faultOfNpm([command, ...options]: readonly string[]): string | undefined {
  if (command !== "ci") return "only `npm ci` installs what the lock pins and nothing else";
  const other = options.find((each) => !npmOptions.test(each));
  return other === undefined ? undefined : `with ${JSON.stringify(other)} npm may install something else, or elsewhere`;
}

/** As `faultOfNpm`, of `cargo`. */
export function faultOfCargo(args: readonly string[]): string | undefined {
  const end = args.indexOf("--");
  const own = end === -1 ? args : args.slice(0, end);
  if (/^(install|add|update|remove|generate-lockfile)$/.test(own.find((each) => !/^[-+]/.test(each)) ?? ""))
    return "this command takes crates that are not in the lock";
  if (!own.some((each) => each === "--locked" || each === "--frozen"))
    return "without --locked (or --frozen) cargo may change the lock";
  const other = own.find((each) => /^(-C|-Z|--(manifest-path|config|lockfile-path)(=|$))/.test(each));
  return other === undefined ? undefined : `with ${JSON.stringify(other)} cargo may read another lock`;
}

const npmName = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[A-Za-z0-9~-][A-Za-z0-9._~-]*$/;

/**
 * How npm is asked for a package's archive, which runs nothing of it: by name and version from the registry that it is configured
 * with, else by the address in the lock. Undefined for what is neither: names in a lock are not to be taken for options or paths.
 */
export function npmSpecOf({ name, version, from }: LockedPackage): string | undefined {
  const isOfRegistry = from === undefined || (URL.canParse(from) && new URL(from).pathname.includes("/-/"));
  if (isOfRegistry && npmName.test(name) && /^\d[0-9A-Za-z.+-]*$/.test(version)) return `${name}@${version}`;
  return from !== undefined && /^https?:\/\/[!-~]+$/.test(from) && !isOfRegistry ? from : undefined;
}
