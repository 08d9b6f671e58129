import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { getAddress, isAddress } from "ethers/address";
import { parseEther } from "ethers/utils";
import { parse } from "yaml";
import { z } from "zod";
import type { AgentLimits } from "../agents/agent.ts";
import { AssayError } from "../core/errors.ts";
import { faultsOf } from "../core/json.ts";
import { absoluteUrl } from "../core/node/fileUrl.ts";
import { storeSchemes, writableStoreSchemes } from "../store/node/openStore.ts";
import { readDeploymentFile } from "./deploymentFile.ts";
import type { CliErrorCode } from "./errors.ts";

const gwei = 1_000_000_000;
const seconds = z.number().positive().max(86_400);
const address = z
  .string()
  .refine((text) => isAddress(text), "is not an address")
  .transform((text) => getAddress(text));

const rpcUrl = z.url({ protocol: /^https?$/ });
/** Told to everybody who asks. */
const publicUrl = rpcUrl.refine((text) => {
  const { username, password } = new URL(text);
  return username === "" && password === "";
}, "must have no user or password: everybody is told it");
/** Of the chain: http(s) for everything, ws(s) for word of new blocks. */
const serverUrl = z
  .url({ protocol: /^(https?|wss?)$/, error: "must be an address that begins with http://, https://, ws:// or wss://" })
  .refine((text) => !text.includes("#"), "must have no fragment");
const isSocket = (url: string) => /^wss?:/i.test(url);
const storeUrl = z
  .string()
  .refine(
    (text) => storeSchemes.some((scheme) => text.startsWith(scheme)),
    `must begin with ${storeSchemes.join(", ")}`,
  )
  .refine((text) => {
    if (text.startsWith("file:")) return true;
    if (!URL.canParse(text)) return false;
    const { username, password, search, hash } = new URL(text);
    return [username, password, search, hash].every((part) => part === "");
  }, "must have no user, password, query or fragment");
/** A URL alone is a store that is only read. */
const store = z.preprocess(
  (value) => (typeof value === "string" ? { url: value } : value),
  z
    .strictObject({
      url: storeUrl,
      write: z.boolean().default(false),
      tokenFile: z.string().min(1).optional(),
      tokenVariable: z.string().min(1).optional(),
    })
    .refine(
      ({ url, write }) => !write || writableStoreSchemes.some((scheme) => url.startsWith(scheme)),
      `cannot be written to: only ${writableStoreSchemes.join(", ")} can`,
    )
    .refine(
      ({ tokenFile, tokenVariable }) => tokenFile === undefined || tokenVariable === undefined,
      "has a file and a variable for its token: name one of them",
    )
    .refine(
      ({ url, write, tokenFile, tokenVariable }) =>
        (tokenFile ?? tokenVariable) === undefined || (write && /^https?:/.test(url)),
      "has a token: that is for http(s) stores with write: true",
    ),
);

/** The fields of the configuration file; `docs/assay.example.yaml` explains every line of it. */
const fields = z.strictObject({
  rpc: z.preprocess((given) => (typeof given === "string" ? [given] : given), z.array(serverUrl).min(1).max(10)),
  rpcAgreement: z.int().positive().max(10).default(1),
  deployment: z.string().min(1).optional(),
  chainId: z.int().positive().optional(),
  assay: address.optional(),
  deploymentBlock: z.int().nonnegative().optional(),
  confirmations: z
    .union(
      [z.int().nonnegative().max(1000), z.enum(["safe", "finalized"])],
      "must be a number of blocks, safe, or finalized",
    )
    .default(2),
  stores: z
    .array(store)
    .min(1)
    .max(10)
    .refine(
      (stores) => stores.some(({ write }) => write),
      "mark one with write: true: what is published and fetched is kept there",
    ),
  state: z.string().min(1),
  polling: z
    .strictObject({
      seconds: seconds.default(4),
      timeoutSeconds: seconds.default(20),
      retries: z.int().nonnegative().max(20).default(4),
      logRange: z.int().positive().default(2000),
      headAgeSeconds: z.int().nonnegative().max(86_400).default(120),
    })
    .prefault({}),
  fees: z
    .strictObject({
      maxFeePerGasGwei: z.number().positive().default(200),
      maxPriorityFeePerGasGwei: z.number().nonnegative().default(2),
      stuckSeconds: seconds.default(60),
      giveUpSeconds: seconds.default(1800),
      maxPending: z.int().min(1).max(64).default(16),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      port: z.int().min(0).max(65_535),
      host: z.string().min(1).default("127.0.0.1"),
      silentPolls: z.int().min(1).max(1000).default(10),
      maxHeadAgeSeconds: z.number().positive().default(120),
    })
    .optional(),
  key: z
    .strictObject({
      keystore: z.string().min(1).optional(),
      passwordFile: z.string().min(1).optional(),
      passwordVariable: z.string().min(1).optional(),
      keyVariable: z.string().min(1).optional(),
      remote: z
        .strictObject({
          url: rpcUrl,
          address,
          method: z.enum(["eth_signTransaction", "account_signTransaction"]).default("eth_signTransaction"),
          timeoutSeconds: seconds.default(30),
        })
        .optional(),
      saltVariable: z.string().min(1).optional(),
    })
    .refine(
      ({ keystore, remote }) => keystore === undefined || remote === undefined,
      "has a keystore and a remote signer: name one of them",
    )
    .refine(
      ({ remote, saltVariable }) => remote !== undefined || saltVariable === undefined,
      "saltVariable is for remote signers only: otherwise salts come from the key",
    )
    .prefault({}),
  explorer: z
    .strictObject({
      name: z.string().min(1).max(40).optional(),
      host: z.string().min(1).default("127.0.0.1"),
      port: z.int().min(0).max(65_535).default(8480),
      rpc: z.array(publicUrl).max(10).default([]),
      stores: z.array(publicUrl).max(10).default([]),
      boards: z
        .array(z.string().regex(/^(file|https?):/, "must begin with file:, https: or http:"))
        .max(10)
        .default([]),
      chains: z.array(z.string().min(1)).max(20).default([]),
    })
    .prefault({}),
  limits: z
    .strictObject({
      environments: z.array(z.string().min(1)).default(["releaseTarball"]),
      maxInputBytes: z.int().positive().default(1_073_741_824),
      maxDependencyBytes: z.int().positive().default(1_073_741_824),
      maxTicks: z.int().positive().default(1_048_576),
      maxBuildSeconds: z.number().positive().default(3600),
      openBuilds: z.int().positive().max(1000).default(3),
      parallelChallenges: z.int().positive().default(64),
      minReward: z
        .string()
        .regex(/^\d+(\.\d+)?$/, "is not an amount of ether")
        .default("0.001"),
    })
    .prefault({}),
});

const schema = fields
  .refine(({ rpc }) => !rpc.every(isSocket), {
    path: ["rpc"],
    message:
      "needs an http(s) address too: ws(s) servers are only listened to for new blocks, the chain is read over http(s)",
  })
  .refine(({ rpc, rpcAgreement }) => rpcAgreement <= rpc.filter((url) => !isSocket(url)).length, {
    path: ["rpcAgreement"],
    message: "is more than there are http(s) servers under rpc",
  })
  .transform(({ rpc, ...lines }) => ({
    ...lines,
    /** The http(s) servers. */
    rpc: rpc.filter((url) => !isSocket(url)),
    /** The ws(s) servers. */
    newHeads: rpc.filter(isSocket),
  }));

type Lines = z.infer<typeof schema>;

/** Where the contracts are. */
interface ContractLocation {
  readonly chainId: number;
  readonly assay: string;
  readonly deploymentBlock: number;
}

export type Config = Omit<Lines, keyof ContractLocation> & ContractLocation;

/** The name looked for in the working directory when `--config` is not given and `ASSAY_CONFIG` is not set. */
export const defaultConfigFile = "assay.yaml";

/**
 * Reads and checks a configuration; paths in it are relative to the file.
 * @throws AssayError `cli/no-config`, `cli/bad-config` naming every line that is wrong.
 */
export async function readConfig(option: string | undefined, environment: NodeJS.ProcessEnv): Promise<Config> {
  const file = resolve(option ?? (environment.ASSAY_CONFIG || defaultConfigFile));
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new AssayError(
      "cli/no-config",
      `cannot read the configuration ${file}: name one with --config or ASSAY_CONFIG (\`assay chain\` writes one)`,
      { file },
      { cause },
    );
  }
  return parseConfig(text, file);
}

/** @param file where the text came from: named in errors, and the base of relative paths. */
export function parseConfig(text: string, file: string): Config {
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split("\n", 1)[0] : String(cause);
    throw new AssayError("cli/bad-config", `${file} is not YAML: ${why}`, { file }, { cause });
  }
  const checked = schema.safeParse(raw);
  if (!checked.success) {
    throw badConfig(
      file,
      faultsOf(checked.error).map(({ path, why }) => `${path.join(".") || "the file"}: ${why}`),
    );
  }
  const config = checked.data;
  const base = dirname(file);
  const deployment = config.deployment === undefined ? undefined : resolve(base, config.deployment);
  const { keystore, passwordFile } = config.key;
  return {
    ...config,
    ...(deployment === undefined ? locationIn(config, file) : locationOf(deployment, config, file)),
    stores: config.stores.map(({ url, tokenFile, ...store }) => ({
      ...store,
      url: absoluteUrl(url, base),
      ...(tokenFile !== undefined && { tokenFile: resolve(base, tokenFile) }),
    })),
    state: resolve(base, config.state),
    explorer: {
      ...config.explorer,
      boards: config.explorer.boards.map((url) => absoluteUrl(url, base)),
      chains: config.explorer.chains.map((chain) => resolve(base, chain)),
    },
    key: {
      ...config.key,
      ...(keystore !== undefined && { keystore: resolve(base, keystore) }),
      ...(passwordFile !== undefined && { passwordFile: resolve(base, passwordFile) }),
    },
  };
}

/** The place that the lines name. */
function locationIn({ chainId, assay, deploymentBlock = 0 }: Lines, file: string): ContractLocation {
  if (chainId !== undefined && assay !== undefined) return { chainId, assay, deploymentBlock };
  const missing = Object.entries({ chainId, assay }).filter(([, value]) => value === undefined);
  throw badConfig(
    file,
    missing.map(([name]) => `${name}: is missing; name it, or a deployment's file with \`deployment\``),
  );
}

/** The place that a deployment's file names; lines beside it must not say something else. */
function locationOf(
  deployment: string,
  lines: Lines,
  file: string,
): ContractLocation & { readonly deployment: string } {
  const { chainId, contracts, deploymentBlock } = readDeploymentFile(deployment);
  const location: ContractLocation = { chainId, assay: contracts.assay.address, deploymentBlock };
  const contradicting = (["chainId", "assay", "deploymentBlock"] as const).filter(
    (name) => lines[name] !== undefined && lines[name] !== location[name],
  );
  if (contradicting.length === 0) return { ...location, deployment };
  throw badConfig(
    file,
    contradicting.map(
      (name) => `${name}: is ${lines[name]} here and ${location[name]} in ${deployment}; leave the line out`,
    ),
  );
}

function badConfig(file: string, faults: readonly string[]): AssayError<CliErrorCode> {
  return new AssayError("cli/bad-config", `${file}: ${faults.join("; ")}`, { file, faults });
}

/** Gwei, which may have decimals, as wei. */
export function gweiToWei(amount: number): bigint {
  return BigInt(Math.round(amount * gwei));
}

/** What a daemon may take on. */
export function limitsOf({ limits }: Config): AgentLimits {
  const { maxInputBytes, maxDependencyBytes, maxTicks, maxBuildSeconds, openBuilds, parallelChallenges } = limits;
  return {
    maxInputBytes,
    maxDependencyBytes,
    maxTicks,
    maxBuildSeconds,
    openBuilds,
    parallelChallenges,
    minReward: parseEther(limits.minReward),
  };
}
