import { badTree } from "./rootTree.ts";

/** What the files of one image may hold together: root, RAM and drives share less than 2 GiB. */
export const maxContentBytes = 2 ** 30;

export function tooLarge(path: string, limit: number) {
  return badTree(path, `is where all files together exceed ${limit} bytes: an image cannot be larger`);
}
