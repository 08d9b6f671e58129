import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { A0, ecall, jal, li } from "../emulator/support/encode.ts";
import { physical, virtual } from "../emulator/support/testEnvironments.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-elf-"));
  writeFileSync(join(folder, "passing-p"), physical([...li(A0, 1), ecall], 0));
  writeFileSync(join(folder, "passing-v"), virtual(5, 5));
  writeFileSync(join(folder, "failing"), physical([...li(A0, 15), ecall], 3));
  writeFileSync(join(folder, "endless"), physical([jal(0, 0)], 3));
  writeFileSync(join(folder, "readme.txt"), "not an ELF file");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(script: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const command = ["--import", "tsx", join(root, script), ...args];
  const { RISCV_TESTS: _, ...inherited } = process.env;
  const options = { cwd: root, encoding: "utf8", timeout: 500_000, env: { ...inherited, ...environment } } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, command, options);
  return { status, stdout, stderr };
}

describe("assay emulator run", () => {
  const emulator = (...args: string[]) => run("src/cli/main.ts", ["emulator", "run", ...args]);

  it("exits with the code that the program reports, and prints what it prints", () => {
    expect(emulator(join(folder, "passing-v"))).toMatchObject({ status: 0, stdout: "ok\n" });
    const failing = emulator(join(folder, "failing"), "--json");
    expect(failing.status).toBe(7);
    expect(JSON.parse(failing.stdout)).toMatchObject({ exitCode: "7", console: "" });
  });

  it("says why a program could not be run", () => {
    const endless = emulator(join(folder, "endless"), "--max-ticks", "2");
    expect(endless).toMatchObject({ status: 1, stdout: "" });
    expect(endless.stderr).toContain("no end after 2 ticks");
    expect(emulator(join(folder, "readme.txt")).stderr).toContain("emulator/bad-elf");
    expect(emulator(join(folder, "missing"))).toMatchObject({ status: 2 });
    expect(emulator(join(folder, "failing"), "--memory", "0")).toMatchObject({ status: 2 });
  });
});

describe("npm run test:riscv", () => {
  it("runs a folder of ELF files and counts", () => {
    const result = run("scripts/riscvTests.ts", [], { RISCV_TESTS: folder });
    expect(result.stdout).toMatch(/passing-p +passed\npassing-v +passed\n2 passed, 2 failed\n$/);
    expect(result.stdout).toMatch(/failing +failed: case 7\n/);
    expect(result.status).toBe(1);
  });

  it("names what it skips, and why", () => {
    const program = physical([...li(A0, 15), ecall], 3);
    const lacking = mkdtempSync(join(folder, "lacking-"));
    const skipped = {
      "hypervisor-p-2-stage_translation": "the hypervisor",
      "hypervisor-svadu-p-2-stage_translation_implicit_store_error": "the hypervisor",
      "rv32ui-p-add": "RV32",
      "rv64mi-p-pmpaddr": "PMP",
      "rv64si-p-spmpcfg": "PMP",
      "rv64ssvnapot-p-napot": "the extension of rv64ssvnapot",
      "rv64ua-v-amocas_d": "Zacas",
      "rv64ua-v-amoadd_h": "Zabha",
      "rv64ua-p-zalasr": "Zalasr",
    };
    const tried = ["rv64ua-p-amoadd_d", "rv64ua-v-lrsc", "rv64ui-p-add"];
    for (const name of [...Object.keys(skipped), ...tried]) writeFileSync(join(lacking, name), program);
    const { status, stdout } = run("scripts/riscvTests.ts", [], { RISCV_TESTS: lacking });
    for (const [name, why] of Object.entries(skipped)) {
      expect(stdout).toMatch(new RegExp(`^${name} +skipped: ${why}$`, "m"));
    }
    for (const name of tried) expect(stdout).toMatch(new RegExp(`^${name} +failed: case 7$`, "m"));
    expect(stdout).toMatch(/0 passed, 3 failed, 9 skipped\n$/);
    expect(status).toBe(1);
  });

  it("fails for a folder without tests", () => {
    const empty = mkdtempSync(join(folder, "empty-"));
    for (const path of [empty, join(folder, "missing")]) {
      const result = run("scripts/riscvTests.ts", [], { RISCV_TESTS: path });
      expect(result.stdout).toBe(`no ELF files in ${path}\n0 passed, 1 failed\n`);
      expect(result.status).toBe(1);
    }
  });

  it("says so where there is none, and counts it as skipped", () => {
    const result = run("scripts/riscvTests.ts", []);
    expect(result).toMatchObject({ status: 0 });
    expect(result.stdout).toContain("0 passed, 0 failed, 1 skipped");
  });
});
