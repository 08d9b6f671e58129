import { describe, expect, it } from "vitest";
import { generatedFile, opcodesAreFresh } from "../../scripts/generateOpcodes.ts";

describe(generatedFile, () => {
  it("is what scripts/generateOpcodes.ts makes of the tables", () => {
    expect(opcodesAreFresh()).toBe(true);
  });
});
