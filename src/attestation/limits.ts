/** What is read of an attestation at most. All of them come from strangers. */

/** Characters of one envelope, payload included. */
export const mostEnvelopeCharacters = 2 ** 20;
/** Signatures in one envelope. */
export const mostSignatures = 64;
/** Subjects of one statement. */
export const mostSubjects = 4096;
/** Levels of objects and arrays in each other. */
export const mostDepth = 64;
/** Characters of one bundle, all lines together: a thousand results and more. */
export const mostBundleCharacters = 2 ** 22;
/** Lines of one bundle that hold something. */
export const mostBundleLines = 2 ** 12;
