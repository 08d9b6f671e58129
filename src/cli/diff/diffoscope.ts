import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const mostOutputBytes = 2 ** 24;

/**
 * What diffoscope says of two contents, in its own words; why it says nothing, where it cannot.
 * @param name of both, from which it guesses what they are.
 */
export async function askDiffoscope(
  name: string,
  first: Uint8Array,
  second: Uint8Array,
  seconds: number,
): Promise<{ readonly text: string } | { readonly why: string }> {
  const folder = await mkdtemp(join(tmpdir(), "assay-diff-"));
  try {
    const suffix = name.replace(/[^A-Za-z0-9._-]/g, "_").slice(-100);
    const files = ["first", "second"].map((side) => join(folder, `${side}-${suffix}`));
    await writeFile(files[0]!, first);
    await writeFile(files[1]!, second);
    return await run(["--text", "-", "--no-progress", ...files], seconds);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(args: readonly string[], seconds: number): Promise<{ text: string } | { why: string }> {
  const options = { timeout: seconds * 1000, maxBuffer: mostOutputBytes, killSignal: "SIGKILL" } as const;
  return await new Promise((resolve) => {
    execFile("diffoscope", args, options, (error, stdout) => {
      const { code, killed } = (error ?? {}) as { code?: unknown; killed?: boolean };
      if (error === null || code === 1) resolve({ text: stdout });
      else if (code === "ENOENT") resolve({ why: "diffoscope is not installed here" });
      else resolve({ why: killed ? `diffoscope took more than ${seconds} s, or said too much` : error.message });
    });
  });
}
