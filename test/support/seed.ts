/** The seed of every property and fuzz test: fixed, printed once by the set-up, changed with `ASSAY_SEED=<number>`. */
export const seed = Number(process.env.ASSAY_SEED ?? 0x0a55a7);
