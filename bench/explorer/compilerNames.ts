/** What the compiler that runs benchmarks calls in each function: a page that is sent one needs it too. */
export const compilerNames = "globalThis.__name = (value) => value;";
