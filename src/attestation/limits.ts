/** What is read of an attestation at most. All of them come from strangers. */

/** Characters of one envelope, payload included. */
export const mostEnvelopeCharacters = 2 ** 22;
/** Signatures in one envelope. */
export const mostSignatures = 64;
/** Subjects of one statement. */
export const mostSubjects = 4096;
/** Levels of objects and arrays in each other. */
export const mostDepth = 64;
/** Characters of one bundle, all lines together. */
export const mostBundleCharacters = 2 ** 26;
