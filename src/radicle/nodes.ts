import { AssayError, isAssayError } from "../core/errors.ts";
import { badRefs } from "./errors.ts";
import { keyOfNode, type NodeId, type RepositoryId } from "./ids.ts";
import type { Objects } from "./objects.ts";
import { compareRefs, type Refs, signedRefsName } from "./signedRefs.ts";
import { type Level, levels, readSignedRefs, type SignedRefs } from "./signedRefsHistory.ts";

/** The nodes whose refs are in a repository's storage. Each is looked at once, when it is asked for. */
export class Nodes {
  private readonly known = new Map<NodeId, SignedRefs | undefined>();
  /** Why nodes that were asked for do not count. */
  readonly doubts: AssayError[] = [];

  /** @param namespaces what is there, by node; nobody has vouched for it. @param least level that a node's refs have to have. */
  constructor(
    private readonly objects: Objects,
    private readonly repository: RepositoryId,
    private readonly namespaces: ReadonlyMap<string, Refs>,
    private readonly least: Level,
  ) {}

  get ids(): readonly NodeId[] {
    return [...this.namespaces.keys()].sort() as NodeId[];
  }

  /** What is in a node's namespace. Nobody has vouched for it. */
  unverified(node: NodeId): Refs {
    return this.namespaces.get(node) ?? new Map();
  }

  /** What a node has signed, if it is what is there; undefined where there is nothing of it, or nothing that counts. */
  async signedRefs(node: NodeId): Promise<SignedRefs | undefined> {
    if (this.known.has(node)) return this.known.get(node);
    let refs: SignedRefs | undefined;
    try {
      refs = await this.read(node);
    } catch (error) {
      if (!isOfStorage(error)) throw error;
      this.doubts.push(error);
    }
    this.known.set(node, refs);
    return refs;
  }

  private async read(node: NodeId): Promise<SignedRefs | undefined> {
    const actual = this.namespaces.get(node);
    if (actual === undefined || keyOfNode(node) === undefined) return undefined;
    const at = actual.get(signedRefsName);
    if (at === undefined) throw badRefs(node, "there are none");
    const signed = await readSignedRefs(this.objects, this.repository, node, at).catch((error: unknown) => {
      if (!isAssayError(error, "source/bad-object", "source/unsupported-mode", "source/too-large")) throw error;
      throw badRefs(node, error.message, error);
    });
    if (levels.indexOf(signed.level) < levels.indexOf(this.least)) {
      const message = `the signed refs of ${node} are at level ${signed.level}, and ${this.least} is asked for`;
      throw new AssayError("radicle/level-too-low", message, { node, level: signed.level, least: this.least });
    }
    compareRefs(node, actual, signed.refs);
    return signed;
  }
}

/** Whether an error is about what a storage holds, and not about this machine. */
export function isOfStorage(error: unknown): error is AssayError {
  return isAssayError(error) && /^(radicle|source)\/(?!.*-fault$)/.test(error.code);
}

/** What is read from a storage; undefined where it is missing, damaged or something else. */
export async function ifOfStorage<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isOfStorage(error)) return undefined;
    throw error;
  }
}
