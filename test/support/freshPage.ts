import { rename, symlink } from "node:fs/promises";
import { join } from "node:path";
import { compiledCommand } from "../../scripts/compiledPackage.ts";
import { builtPage } from "./explorerPage.ts";

/** Gives the compiled command the page of the sources as they are. @returns the page's folder. */
export async function freshPage(): Promise<string> {
  const fresh = await builtPage();
  const served = join(compiledCommand, "../../build/explorer");
  await symlink(fresh, `${served}.${process.pid}`);
  await rename(`${served}.${process.pid}`, served);
  return fresh;
}
