import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AssayError } from "../../core/errors.ts";
import type { ProjectView } from "../draft/findings.ts";

const mostBytes = 2 ** 20;

/** A project's folder. What is no regular file, or larger than 1 MiB, is not there. @throws AssayError `source/not-found` */
export function projectView(folder: string): ProjectView {
  if (!lstatSync(join(folder, "."), { throwIfNoEntry: false })?.isDirectory()) {
    throw new AssayError("source/not-found", `${folder} is no directory`, { path: folder });
  }
  const text = (path: string): string | undefined => {
    const stats = lstatSync(join(folder, path), { throwIfNoEntry: false });
    if (!stats?.isFile() || stats.size > mostBytes) return undefined;
    return readFileSync(join(folder, path), "utf8");
  };
  return { text, branch: /^ref: refs\/heads\/(\S+)$/m.exec(text(".git/HEAD") ?? "")?.[1] };
}
