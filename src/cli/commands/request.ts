import { randomBytes } from "node:crypto";
import { type Command, InvalidArgumentError } from "commander";
import { formatEther, parseEther } from "ethers";
import { identifyBuild } from "../../build/node/identifyBuild.ts";
import { chainTime, createAssaySender } from "../../chain/assay.ts";
import { assayCalls, requestIn } from "../../chain/claims.ts";
import { Ledger } from "../../chain/ledger.ts";
import { loadAccount } from "../../chain/node/account.ts";
import { publish } from "../../client/publication.ts";
import type { Root } from "../../core/bytes.ts";
import { AssayError } from "../../core/errors.ts";
import { sourceHelp } from "../../source/sourceHelp.ts";
import { openStore } from "../../store/node/openStore.ts";
import { type BuildOptions, buildRequestOf, withBuildOptions } from "../buildOptions.ts";
import { type CommonOptions, parseRoot, parseSeconds, withCommonOptions } from "../options.ts";
import { createOutput, type Output, table } from "../output.ts";
import { feesOf, withChain } from "../session.ts";

interface Options extends CommonOptions, BuildOptions {
  readonly reward?: bigint;
  readonly takeBack?: Root;
  readonly expires: number;
}

export function defineRequest(command: Command): void {
  command
    .argument("[source]", sourceHelp)
    .option("--reward <ether>", "what the solver of the final claim gets", parseAmount)
    .option("--take-back <request>", "get the amount of an expired request back instead", parseRoot)
    .option("--expires <seconds>", "the reward can be taken back after this time", parseSeconds, 7 * 86_400);
  withCommonOptions(withBuildOptions(command))
    .addHelpText(
      "after",
      `
The key comes from the configuration's keystore or the environment (ASSAY_KEY), never from arguments.

Examples:
  assay request . --reward 0.05
  assay request git+https://example.org/project.git --rev v1.2 --reward 0.05 --expires 86400 --json
  assay request . --env small --run "tcc -o hello hello.c" --out hello --reward 0.05
  assay request --take-back 0x…`,
    )
    .action(run);
}

async function run(source: string | undefined, options: Options): Promise<void> {
  const output = createOutput(options.json);
  const { reward, takeBack } = options;
  if (takeBack !== undefined) return await returnReward(takeBack, options, output);
  if (source === undefined || reward === undefined) {
    throw new AssayError("cli/bad-argument", "name a source and a --reward, or a request to --take-back");
  }
  const { drive, description, environment, buildId, dependencies } = await identifyBuild(
    await buildRequestOf(source, options),
  );
  const { name, id } = environment;
  const facts = await withChain(options.config, async (chain, config) => {
    const { signer } = await loadAccount(config.key, process.env);
    const store = openStore(config.stores);
    const locator = await publish(store, {
      kind: "assay-build",
      version: 1,
      environment: { name, id },
      input: { id: await store.put(drive), size: drive.length },
      ...(dependencies && {
        dependencies: { id: await store.put(await dependencies.read()), size: dependencies.image.size },
      }),
      source: describeSource(description),
    });
    const sender = await createAssaySender(chain, signer, feesOf(config));
    const expiry = (await chainTime(chain)) + Math.ceil(options.expires);
    const call = assayCalls(chain.deployment.assay).request(buildId, expiry, requestNumber(), locator, reward);
    const { hash, gasUsed, logs } = await sender.send(call);
    const requester = sender.address;
    return { buildId, requestId: requestIn(logs), locator, reward, expiry, requester, transaction: hash, gasUsed };
  });
  output.data({ ...facts, source: description }, () =>
    table([
      ["build", facts.buildId],
      ["request", facts.requestId],
      ["source", describeSource(description)],
      ["locator", facts.locator],
      ["reward", `${formatEther(facts.reward)} ether, until ${new Date(facts.expiry * 1000).toISOString()}`],
      ["transaction", facts.transaction],
    ]),
  );
}

/** An amount of ether as wei. */
function parseAmount(text: string): bigint {
  try {
    const value = parseEther(text);
    if (value >= 0n) return value;
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError("expected an amount of ether, for example 0.05");
}

/** Tells requests apart that are equal otherwise: any number that has not been used does. */
function requestNumber(): bigint {
  return BigInt(`0x${randomBytes(8).toString("hex")}`);
}

/** The amount of an expired request, back to the account that made it. */
async function returnReward(requestId: Root, options: Options, output: Output): Promise<void> {
  const facts = await withChain(options.config, async (chain, config) => {
    const { signer } = await loadAccount(config.key, process.env);
    const sender = await createAssaySender(chain, signer, feesOf(config));
    const calls = assayCalls(chain.deployment.assay);
    const ledger = new Ledger(chain);
    await ledger.refresh();
    const request = ledger.history.requests.get(requestId);
    if (request === undefined) {
      throw new AssayError("cli/bad-argument", `there is no request ${requestId} on this chain`);
    }
    const amount = await chain.contract.requestOf(requestId);
    if (amount > 0n) await sender.send(calls.refundRequest(request));
    return { requestId, requester: request.requester, amount };
  });
  output.data(facts, () =>
    table([
      ["request", facts.requestId],
      ["amount", `${formatEther(facts.amount)} ether`],
      ["sent to", facts.requester],
    ]),
  );
}

/** One line about where a source came from; local paths stay private. */
function describeSource(description: { kind: string; location: string; commit?: string; name: string }): string {
  const remote = description.location.startsWith("git+") ? `${description.location} ` : "";
  return description.commit === undefined ? `directory (${description.name})` : `${remote}commit ${description.commit}`;
}
