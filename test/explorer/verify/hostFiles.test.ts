import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  emulatorFile,
  fingerprintFile,
  keccakFile,
  releaseTarballFile,
} from "../../../src/explorer/page/verify/hostFiles.ts";

describe("the WebAssembly that the page expects of its host", () => {
  it.each([keccakFile, fingerprintFile, emulatorFile, releaseTarballFile])("$name is what is built", async (file) => {
    const bytes = await readFile(fileURLToPath(file.url));
    expect(file.sha256).toBe(`0x${createHash("sha256").update(bytes).digest("hex")}`);
  });
});
