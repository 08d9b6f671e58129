import { spawn } from "node:child_process";

const openers: Partial<Record<NodeJS.Platform, string>> = { darwin: "open", linux: "xdg-open", freebsd: "xdg-open" };

/** Opens an address in the user's browser. @returns false where there is no program that opens addresses. */
export async function openInBrowser(url: string): Promise<boolean> {
  const opener = openers[process.platform];
  if (opener === undefined) return false;
  const child = spawn(opener, [url], { stdio: "ignore", detached: true });
  return await new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
