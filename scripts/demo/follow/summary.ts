import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { type Place, run } from "../../../src/demo/actor.ts";
import { command } from "../../../src/demo/demo.ts";
import { check, say } from "../../../src/demo/screen.ts";

/**
 * A client signs what it has accepted, and somebody who trusts that client alone takes it, without asking builders or a chain.
 * @param asked the options with which the client accepts the artifact.
 */
export async function passOn(client: Place, artifact: string, asked: readonly string[]) {
  const key = join(client.folder, "signing.json");
  const store = join(client.folder, "summaries");
  const passwordFile = join(client.folder, "password");
  await writeFile(passwordFile, "a password of the client\n", { mode: 0o600 });
  const { keyId } = await command(["key", "new", "--signing", key, "--password-file", passwordFile], client);
  const attest = ["--attest", key, "--password-file", passwordFile, "--publish", store, "--json"];
  const { json } = await run(["check", artifact, ...asked, ...attest], client);
  const { signed } = json as unknown as { readonly signed: { readonly levels: readonly string[] } };
  say("client", `signs ${signed.levels.join(" and ")}`);
  check("it has a word for the builders and for the chain", signed.levels.length === 2);
  const friend = join(client.folder, "friend");
  await mkdir(friend);
  const policy = {
    ...{ version: 1, keys: { client: keyId }, from: [`file://${store}`] },
    require: { summaries: { least: 1, of: ["client"], level: "ASSAY_CLAIM_FINAL" } },
  };
  await writeFile(join(friend, "policy.yaml"), stringify(policy));
  const { status } = await run(["check", artifact, "--policy", "friend/policy.yaml", "--offline", "--json"], client);
  check("somebody who trusts the client accepts the artifact, offline", status === 0);
}
