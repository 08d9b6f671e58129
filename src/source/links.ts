import { AssayError } from "../core/errors.ts";
import { isBytes } from "../erofs/entry.ts";
import type { Entry, SourceContent } from "./source.ts";

const maxTarget = 4095;
/** What Linux follows before it gives up. */
const maxHops = 40;
/** Characters looked at while following all links of a tree: far above any real tree, about a second of work. */
const maxWork = 2 ** 27;

/** Refuses every link that is malformed, leads out of the tree, or whose chain has no end. */
export function checkLinks(entries: readonly Entry<SourceContent>[]): void {
  const links = new Map<string, string>();
  for (const entry of entries) if (entry.kind === "symlink") links.set(entry.path, decodeTarget(entry));
  let work = 0;
  for (const path of links.keys()) {
    work += follow(path, links, maxWork - work);
  }
}

function decodeTarget({ path, content }: Entry<SourceContent>): string {
  let target: string | undefined;
  try {
    if (isBytes(content)) target = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    // Refused below, with the other malformed targets.
  }
  if (target === undefined || target === "" || (content as Uint8Array).length > maxTarget || target.includes("\0")) {
    throw new AssayError(
      "source/bad-link",
      `the target of the link ${JSON.stringify(path)} is not UTF-8 of 1 to ${maxTarget} bytes without a zero byte`,
      { path },
    );
  }
  return target;
}

/** Follows `path` as a kernel would, component by component, through other links of the tree; returns the work done. */
function follow(path: string, links: ReadonlyMap<string, string>, maxWork: number): number {
  const at: string[] = [];
  const todo = path.split("/").reverse();
  let hops = 0;
  let work = 0;
  for (let component = todo.pop(); component !== undefined; component = todo.pop()) {
    work += 8;
    if (component === "" || component === ".") continue;
    if (component === "..") {
      if (at.pop() === undefined) throw outOfTree(path, links.get(path)!);
      continue;
    }
    at.push(component);
    const prefix = at.join("/");
    const target = links.get(prefix);
    work += prefix.length + (target?.length ?? 0);
    if (target === undefined && work <= maxWork) continue;
    if (target === undefined || ++hops > maxHops || work > maxWork) {
      throw new AssayError(
        "source/link-loop",
        `the link ${JSON.stringify(path)} leads in a circle, or through more than ${maxHops} links, or the links are too many to follow`,
        { path },
      );
    }
    if (target.startsWith("/")) throw outOfTree(path, links.get(path)!);
    at.pop();
    todo.push(...target.split("/").reverse());
  }
  return work;
}

function outOfTree(path: string, target: string) {
  return new AssayError(
    "source/link-out-of-tree",
    `the link ${JSON.stringify(path)} -> ${JSON.stringify(target)} leads out of the tree`,
    { path, target },
  );
}
