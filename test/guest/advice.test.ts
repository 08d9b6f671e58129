import { describe, expect, it } from "vitest";
import { adviseOnExit, describeLimits } from "../../src/guest/advice.ts";
import { emulatorExitCodes, initExitCodes } from "../../src/guest/result.ts";
import { toyEnvironment } from "../support/toyEnvironment.ts";

const command = { command: "true", outputs: [] };

describe("advice about a build in a guest", async () => {
  const { manifest } = await toyEnvironment();

  it("says all limits before it runs", () => {
    expect(describeLimits({ ...manifest, ramSize: 2 ** 30, inputLog2Size: 30, outputLog2Size: 28 }, command)).toBe(
      "toy: 1024 MiB of RAM, sources and dependencies up to 1024 MiB each, outputs up to 256 MiB, " +
        "65536 ticks, at most 69 G instructions",
    );
  });

  it.each([
    [emulatorExitCodes.tickLimit, /^the limit was 30 ticks, at most 32 M instructions: --ticks raises it$/],
    [initExitCodes.outputTooLarge, /may take 65536 bytes in toy; .*assay env build toy-large --like toy --output-size/],
    [137, /toy has 32 MiB of RAM; .*--ram/],
  ])("names number and option for exit code %i", (code, text) => {
    expect(adviseOnExit(manifest, code, { ...command, tickLimit: 30n })).toMatch(text);
  });

  it("leaves the command's own failures to it", () => {
    for (const code of [0, 1, 127, 139]) expect(adviseOnExit(manifest, code, command)).toBe(undefined);
  });
});
