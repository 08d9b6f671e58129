import { badObject, type GitObject } from "../source/gitObjects.ts";
import type { ObjectId } from "./ids.ts";
import type { Objects } from "./objects.ts";
import type { Tip } from "./quorum.ts";

/** Annotated tags of annotated tags: more than anybody makes. */
const mostTagsInARow = 8;

/** What an id leads to. @throws AssayError `source/bad-object` for a tree or blob, and where it is missing */
export async function tipAt(objects: Objects, id: ObjectId): Promise<Tip> {
  const { type } = await objects.read(id);
  if (type === "commit" || type === "tag") return { kind: type, id };
  throw badObject(id, `is a ${type}, expected a commit or a tag`);
}

/** The commit that a tip is of. @throws AssayError `source/bad-object` */
export async function commitOf(objects: Objects, { kind, id }: Tip): Promise<ObjectId> {
  if (kind === "commit") return id;
  let object = await objects.read(id);
  for (let count = 0; object.type === "tag" && count < mostTagsInARow; count++)
    object = await objects.read(targetOf(object));
  if (object.type === "commit") return object.id;
  throw badObject(id, "is a tag of something else than a commit");
}

function targetOf({ id, content }: GitObject): ObjectId {
  const target = /^object ([0-9a-f]{40})\n/.exec(new TextDecoder("latin1").decode(content.subarray(0, 48)))?.[1];
  if (target === undefined) throw badObject(id, "is a malformed tag");
  return target;
}
