import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compiledCommand } from "../../scripts/compiledPackage.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-demo-open-"));
  await writeFile(join(folder, "file"), "content\n");
});
afterAll(() => rm(folder, { recursive: true }));

/** Plays the demo in a process group of its own, and interrupts all of it, as a terminal does, once the explorer is there. */
async function interrupted(): Promise<{ status: number | null; signal: NodeJS.Signals | null; said: string }> {
  const child = spawn(compiledCommand, ["demo", folder, "--open"], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    // No browser comes up on the screen of who runs the tests.
    env: { ...process.env, DISPLAY: "", WAYLAND_DISPLAY: "", BROWSER: "true" },
  });
  let said = "";
  const listen = (chunk: Buffer) => {
    const isThere = said.includes("until you press Ctrl-C");
    said += String(chunk);
    if (!isThere && said.includes("until you press Ctrl-C")) process.kill(-child.pid!, "SIGINT");
  };
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  return await new Promise((resolve) => {
    child.once("close", (status, signal) => resolve({ status, signal, said }));
  });
}

describe("assay demo --open", () => {
  it("ends with status 0 when it is interrupted after a story in which all facts held", async () => {
    const { status, signal, said } = await interrupted();
    expect(said).toMatch(/All facts hold.*: (\d+) of \1 checked/);
    expect({ status, signal }).toEqual({ status: 0, signal: null });
  });
});
