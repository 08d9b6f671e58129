/** What is read of a Radicle storage at most. All of it may come from strangers, by way of the local node. */

/** Refs of one repository, all namespaces together. */
export const mostRefs = 2 ** 18;
/** Refs that one node has signed. */
export const mostSignedRefs = 2 ** 16;
/** Bytes of the list of them. */
export const mostSignedRefsBytes = 2 ** 23;
/** Commits of one node's signed refs that are walked. */
export const mostSignedRefsCommits = 2 ** 13;
/** Bytes of an identity document. */
export const mostDocumentBytes = 2 ** 18;
export const mostDelegates = 255;
/** Bytes of a string in a document. */
export const mostStringBytes = 255;
/** Entries of the identity's history. */
export const mostIdentityEntries = 2 ** 14;
/** Bytes of one commit of it, and of one action. */
export const mostEntryBytes = 2 ** 18;
/** Rules for canonical refs. */
export const mostRules = 256;
/** Entries that nodes name as the first one of a repository's identity. */
export const mostOrigins = 64;
/** Nodes that are asked whether they have become delegates. */
export const mostWitnesses = 64;
/** Commits of the project's own history that are walked for one answer. */
export const mostAncestors = 2 ** 18;
/** Characters of a line from the node's socket, and of the broker's request. */
export const mostLineCharacters = 2 ** 22;
