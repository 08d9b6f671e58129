import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runAssay } from "../support/spawned.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-chain-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("assay chain", () => {
  it("says in one sentence that its port is taken, and writes no configuration", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const { status, stdout, stderr } = await runAssay(["chain", "--port", String(port)], { folder });
    server.close();
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toBe(
      `assay: cannot listen on port ${port} of 127.0.0.1: another program uses it. Name another one with --port; ` +
        "0 takes a free one [cli/port-taken]\n",
    );
    expect(existsSync(join(folder, "assay.yaml"))).toBe(false);
  });

  it("does not start when its configuration cannot be written", async () => {
    const { status, stderr } = await runAssay(["chain", "--port", "0", "--config", folder], { folder });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^assay: cannot write to .*: it is a folder\..*\[store\/bad-target\]\n$/);
  });
});
