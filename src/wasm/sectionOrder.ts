/**
 * Place of each section, by its id, in the order the binary format requires: the data count section (12) stands before the
 * code. Custom sections (0) may stand anywhere.
 */
export const sectionOrder: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 10];
