import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { AssayError } from "../../core/errors.ts";
import { contentIdOf, parseContentId } from "../../store/contentId.ts";
import { cidsPath } from "../../store/ipfsStore.ts";
import { writeFileAtomically } from "../../store/node/atomicFile.ts";
import { packForIpfs } from "../../store/node/ipfsArchive.ts";
import { folderOf, openStore } from "../../store/node/openStore.ts";
import { checkOutputFile, writeOutputFile } from "../../store/node/outputFile.ts";
import { readConfig } from "../config.ts";
import { type CommonOptions, withCommonOptions } from "../options.ts";
import { createOutput, table } from "../output.ts";

interface Options extends CommonOptions {
  readonly to: string;
}

/** What is packed at most, and held in memory. */
const maxBytes = 2 ** 30;

export function addCar(store: Command): void {
  withCommonOptions(
    store
      .command("car")
      .argument("<id or file>", "a content in the configured stores (sha256:...), or a file")
      .description("pack a content as an archive of blocks for IPFS, and print its CID")
      .requiredOption("--to <file>", "the archive to write, for example content.car"),
  )
    .addHelpText(
      "after",
      `
Any node or pinning service takes the archive (ipfs dag import content.car). The CID is noted in the configured store, and its server
gives it out at /cids/<64 digits>: others whose stores name a gateway (ipfs+https://) find the content by it, and check every block.

Examples:
  assay store car sha256:... --to content.car
  assay store car small.tar.gz --to small.car --json`,
    )
    .action(pack);
}

async function pack(what: string, options: Options): Promise<void> {
  const output = createOutput(options.json);
  await checkOutputFile(options.to);
  const { stores } = await readConfig(options.config, process.env);
  const bytes = what.startsWith("sha256:")
    ? await openStore(stores).get(parseContentId(what), maxBytes)
    : await readGiven(what);
  const id = contentIdOf(bytes);
  const { cid, archive } = await packForIpfs(bytes);
  await writeOutputFile(options.to, archive);
  const folder = folderOf(stores);
  if (folder !== undefined) await writeFileAtomically(join(folder, cidsPath(id)), `${cid}\n`);
  output.data({ id, cid, file: options.to }, () =>
    table([
      ["content", id],
      ["CID", cid],
      ["written to", options.to],
    ]),
  );
}

async function readGiven(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(file.startsWith("file:") ? fileURLToPath(file) : file));
  } catch (cause) {
    throw new AssayError(
      "cli/bad-argument",
      `cannot read ${file}: name a content (sha256:...) or a file`,
      {},
      { cause },
    );
  }
}
