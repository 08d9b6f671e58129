import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { LayerEntry } from "../../src/dependencies/entry.ts";

/** Writes a layer into a folder, as the guest's root would have it. */
export async function writeLayer(root: string, layer: readonly LayerEntry[]): Promise<void> {
  for (const { path, kind, content } of layer) {
    const file = join(root, path);
    const bytes = content instanceof Uint8Array ? content : await content.read();
    await mkdir(dirname(file), { recursive: true });
    if (kind === "directory") {
      await mkdir(file);
      continue;
    }
    if (kind === "symlink") {
      await symlink(Buffer.from(bytes), file);
      continue;
    }
    await writeFile(file, bytes);
    await chmod(file, kind === "executable" ? 0o755 : 0o644);
  }
}

/** The variables that a layer has for the build's command, for a layer that stands in a folder instead of at the root. */
export async function layerVariables(root: string): Promise<Record<string, string>> {
  const text = await readFile(join(root, "deps/environment"), "utf8");
  const lines = text.trimEnd().split("\n");
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1).replace("/deps", join(root, "deps"))] as const;
    }),
  );
}
