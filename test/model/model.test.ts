/** The protocol's theorems, by exhaustive search of bounded models (README.md), and that they need each rule. */
import { describe, expect, it } from "vitest";
import { exhaustive, mutants, sampled, sharp, survivors, wide } from "./configurations.ts";
import { type Configuration, missingPrograms, searchStates } from "./spin.ts";

const missing = missingPrograms();
const skipped = missing.length === 0 ? "" : ` (skipped: ${missing.join(" and ")} not installed)`;
const timeout = 1_200_000;

async function search(configuration: Configuration, optimization: "-O0" | "-O2") {
  const result = await searchStates(configuration, optimization);
  console.log(`${configuration.name} (${configuration.defines}): ${result.states} states`);
  return result;
}

const holds = { errors: 0, violated: undefined, incomplete: [] };

describe.skipIf(missing.length > 0)(`the model of the protocol${skipped}`, () => {
  for (const configuration of process.env.ASSAY_MODEL === "wide" ? [...exhaustive, ...wide] : exhaustive) {
    it(`holds in every state: ${configuration.name}`, { timeout }, async () => {
      // A single dispute has some hundred states.
      expect(await search(configuration, configuration.model === "dispute" ? "-O0" : "-O2")).toMatchObject(holds);
    });
  }

  for (const configuration of sampled) {
    it(`holds in a sample of a larger model: ${configuration.name}`, { timeout }, async () => {
      expect(await search(configuration, "-O2")).toMatchObject({ errors: 0, violated: undefined });
    });
  }

  for (const { breaks, ...configuration } of mutants) {
    it(`breaks ${breaks}: ${configuration.name}`, { timeout }, async () => {
      expect(await search(configuration, "-O0")).toMatchObject({ errors: 1, violated: breaks });
    });
  }

  for (const configuration of sharp) {
    it(`reaches the longest time: ${configuration.name}`, { timeout }, async () => {
      expect(await search(configuration, "-O0")).toMatchObject({ errors: 1, violated: "T3" });
    });
  }

  for (const configuration of survivors) {
    it(`survives ${configuration.name}`, { timeout }, async () => {
      expect(await search(configuration, "-O0")).toMatchObject(holds);
    });
  }
});
