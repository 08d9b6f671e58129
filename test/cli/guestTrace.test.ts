import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { A0, addi, jal } from "../emulator/support/encode.ts";
import { codeBytes } from "../emulator/support/machines.ts";
import { toElf } from "../emulator/support/program.ts";
import { runAssay } from "../support/spawned.ts";
import { keepEnvironment, toyEnvironment } from "../support/toyEnvironment.ts";

/** A kernel that counts without end. */
const kernel = codeBytes([addi(A0, A0, 1), jal(0, -4)]);
const kernelAddress = 0x8040_0000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-guest-trace-"));
  const images = { kernel: Uint8Array.from([...kernel, ...new Uint8Array(4096)]), root: new Uint8Array(4096) };
  await keepEnvironment(
    join(folder, "cache", "assay"),
    await toyEnvironment({ eventsPerTick: 1000, tickLimit: 4 }, images),
  );
  await mkdir(join(folder, "source"));
  await writeFile(join(folder, "source", "file"), "content\n");
  await writeFile(join(folder, "vmlinux"), toElf({ bytes: new Uint8Array(4096) }, { count: kernelAddress }));
});
afterAll(() => rm(folder, { recursive: true }));

async function trace(...args: readonly string[]) {
  const environment = { XDG_CACHE_HOME: join(folder, "cache") };
  return await runAssay(["trace", "source", "--env", "toy", "--run", "true", ...args], { folder, environment });
}

describe("assay trace inside a guest's tick", () => {
  it("shows the guest's instruction, with its mode and the symbol of a kernel that is given", async () => {
    const { stdout, stderr } = await trace("--at", "1:5000", "--symbols", "vmlinux", "--json");
    expect(stderr).toBe("");
    const { guest } = JSON.parse(stdout);
    expect(["addi a0,a0,1", "jal zero,0x80400000"]).toContain(guest.instruction);
    const isFirst = guest.instruction === "addi a0,a0,1";
    expect(guest).toMatchObject({ address: isFirst ? "0x80400000" : "0x80400004", mode: "supervisor" });
    expect(guest.symbol).toBe(isFirst ? "count" : "count+0x4");
  });

  it("shows it where two runs part, as text", async () => {
    const { stdout } = await trace("--fault", "memory@2:4000");
    expect(stdout).toMatch(/^guest's instruction +(addi|jal) /m);
    expect(stdout).toMatch(/^at +0x8040000[04], in supervisor mode$/m);
  });

  it("refuses symbols of what is no RISC-V program", async () => {
    await writeFile(join(folder, "text"), "no program, but long enough to have a header: ".repeat(4));
    const { status, stderr } = await trace("--at", "1:5", "--symbols", "text");
    expect(status).toBe(2);
    expect(stderr).toContain("does not begin with an ELF header");
  });
});
