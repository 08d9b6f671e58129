import type { Command } from "commander";
import { AssayError } from "../../core/errors.ts";
import { folderOf } from "../../store/node/openStore.ts";
import { readStoreToken } from "../../store/node/storeToken.ts";
import { readConfig } from "../config.ts";
import { type CommonOptions, withCommonOptions } from "../options.ts";
import { createOutput, table } from "../output.ts";
import { tokenVariable } from "../storeOptions.ts";
import { pushStore } from "../storePush.ts";

interface Options extends CommonOptions {
  readonly folder?: string;
  readonly tokenFile?: string;
}

/** What one content may have; the server may take less. */
const maxBytes = 2 ** 30;

export function addPush(store: Command): void {
  withCommonOptions(
    store
      .command("push")
      .argument("<url>", "a server that takes uploads (`assay store serve --accept`)")
      .description("write to another machine's store what it does not have of this one")
      .option("--folder <folder>", "of this store, if it is not the configured one")
      .option(
        "--token-file <file>",
        "file that holds the server's token on its first line (default: ASSAY_STORE_TOKEN)",
      ),
  )
    .addHelpText(
      "after",
      `
Contents, signed results and manifests of environments. Interrupted? Run it again.

Exit status: 0 the server has everything; 1 it cannot be reached, or does not take something: the reason is said.

Examples:
  assay store push https://store.example --token-file token
  assay store push http://127.0.0.1:8470 --folder ./store --token-file token --json`,
    )
    .action(push);
}

async function push(url: string, options: Options): Promise<void> {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new AssayError("cli/bad-argument", `${url} is no address: it begins with https:// or http://`);
  }
  const output = createOutput(options.json);
  const folder = options.folder ?? folderOf((await readConfig(options.config, process.env)).stores);
  if (folder === undefined) {
    throw new AssayError("cli/bad-config", "stores: none is a folder that is written to, so there is nothing to push");
  }
  const { tokenFile } = options;
  const token = readStoreToken(tokenFile === undefined ? { tokenVariable } : { tokenFile });
  const progress = output.progress("push");
  try {
    const pushed = await pushStore({ folder, url, token, maxBytes, onProgress: (path) => progress.update(path) });
    progress.end();
    output.data({ url, folder, ...pushed }, () =>
      table([
        ["contents written", String(pushed.contents)],
        ["results written", String(pushed.texts)],
      ]),
    );
  } finally {
    progress.end();
  }
}
