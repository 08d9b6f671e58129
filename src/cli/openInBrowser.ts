import { spawn } from "node:child_process";

const openers: Partial<Record<NodeJS.Platform, string>> = { darwin: "open", linux: "xdg-open", freebsd: "xdg-open" };

/** Opens an address in the browser of whoever sits here. @returns false where nothing can do that. */
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
