/** What a dependency drive holds. */
export const mostImageBytes = 2 ** 30;
/** Contents that a lock lists. */
export const mostEntries = 100_000;
/** Files, links and folders of a dependency image. */
export const mostTreeEntries = 2 ** 20;
/** One content, packed or unpacked: it is held in memory. */
export const mostContentBytes = 2 ** 29;
/** What a registry says about a package, in text. */
export const mostAnswerBytes = 2 ** 26;
