/** What a source can be, for help texts: a part for each reader that `node/findSource.ts` has, without loading them. */
export const sourceHelp = "directory, git repository, or git+https/ssh/file URL, or rad:z... of a Radicle repository";
