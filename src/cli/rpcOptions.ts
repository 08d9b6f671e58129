import { type Command, InvalidArgumentError, Option } from "commander";
import { genesisOf } from "../chain/firstBlock.ts";
import { chainIdOf, defaultRpcLimits, type RpcLimits, RpcProvider } from "../chain/rpcProvider.ts";

/** Adds `--rpc`, which may be given several times. */
export function withRpcOption(command: Command, description: string, mandatory = false): Command {
  const option = new Option("--rpc <url>", description).argParser(parseRpc);
  return command.addOption(mandatory ? option.makeOptionMandatory() : option);
}

function parseRpc(text: string, before: readonly string[] | undefined): readonly string[] {
  const isHttp = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  if (!isHttp) throw new InvalidArgumentError("expected an address that begins with http:// or https://");
  return [...(before ?? []), text];
}

/** A chain that nothing is known of but its servers. */
export interface PlainChain {
  readonly provider: RpcProvider;
  readonly chainId: bigint;
  /** Hash of its first block. */
  readonly genesis: string;
}

/**
 * Connects to the chain that these servers are of. The provider is to be destroyed.
 * @param expected the id that it must have, if one is known.
 * @throws AssayError `chain/wrong-chain`, `chain/...-fault`
 */
export async function connectPlainly(
  urls: readonly string[],
  expected?: bigint,
  limits: RpcLimits = { ...defaultRpcLimits, pollMilliseconds: 1000 },
): Promise<PlainChain> {
  const chainId = expected ?? (await chainIdOf(urls, limits));
  const provider = new RpcProvider(urls, chainId, limits);
  try {
    return { provider, chainId, genesis: await genesisOf(provider) };
  } catch (error) {
    provider.destroy();
    throw error;
  }
}
