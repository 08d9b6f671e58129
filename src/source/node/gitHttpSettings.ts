import { type GitSettings, runGit } from "./gitProcess.ts";

/** Variables that say how git, or anybody, is to reach a server. */
const variables = /^(GIT_(SSL|HTTP|PROXY)_\w+|(https?|all|no)_proxy)$/i;
/** Settings that change which server a URL leads to, or what is sent to it. Credentials are asked for only where a server wants some. */
const settings = "^(url\\..*\\.insteadof|http\\..*|remote\\..*)$";

/** Whether the user has told git how to reach servers: then nobody else is to reach them in another way. */
export async function hasHttpSettings({ environment, ...rest }: GitSettings): Promise<boolean> {
  if (Object.entries(environment).some(([name, value]) => variables.test(name) && value !== "")) return true;
  try {
    return (await runGit(["config", "--global", "--get-regexp", settings], "https", { environment, ...rest })) !== "";
  } catch {
    // Status 1: there are none. Without git, or with a file that it cannot read, git itself will say so.
    return false;
  }
}
