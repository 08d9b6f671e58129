import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HDNodeWallet, Mnemonic } from "ethers";
import { stringify } from "yaml";
import { Actor } from "../../../src/demo/actor.ts";
import { command } from "../../../src/demo/demo.ts";
import { type Names, Watch } from "../../../src/demo/watch.ts";
import { type Anvil, startAnvil } from "../../../test/support/anvil.ts";
import { Random } from "../../../test/support/random.ts";
import { type BadEndpoint, startBadEndpoint } from "./badEndpoint.ts";
import { Reorganiser } from "./reorganiser.ts";

/** Published with anvil: the keys of a chain in memory are not secret. */
const mnemonic = "test test test test test test test test test test test junk";

/** Somebody with a key, on a machine of its own: a folder that nobody else reads. */
export interface Party {
  readonly name: string;
  readonly address: string;
  readonly key: string;
  readonly folder: string;
  readonly config: string;
}

/** A chain of the second implementation, with a block each second, and the machines of those who meet on it. */
export class HostileWorld {
  private readonly parties: Party[] = [];

  private constructor(
    readonly folder: string,
    readonly anvil: Anvil,
    readonly bad: BadEndpoint,
    readonly reorganiser: Reorganiser,
    readonly watch: Watch,
    readonly random: Random,
    private readonly assay: string,
    private readonly deploymentBlock: number,
    private readonly names: Names,
  ) {}

  static async open(folder: string, seed: number): Promise<HostileWorld> {
    const random = new Random(seed);
    const anvil = await startAnvil(["--accounts", "20", "--block-time", "1"]);
    const file = join(folder, "deployment.json");
    const args = ["deploy", "--rpc", anvil.url, "--parameters", "local", "--out", file];
    await command(args, folder, keyOf(0));
    const { contracts, deploymentBlock } = (await readJson(file)) as DeploymentFile;
    const bad = await startBadEndpoint(anvil.url, random);
    const names: Names = new Map();
    const watch = await Watch.open(anvil.url, contracts.assay.address, names);
    const reorganiser = new Reorganiser(anvil.provider, await anvil.provider.getBlockNumber());
    const { address } = contracts.assay;
    return new HostileWorld(folder, anvil, bad, reorganiser, watch, random, address, deploymentBlock, names);
  }

  async close(): Promise<void> {
    this.watch.chain.close();
    await this.bad.close();
    await this.anvil.close();
  }

  /**
   * A new party, with 10,000 ether unless it is said otherwise.
   * @param rpc its endpoints, in the order of preference. @param mirrors whose stores it reads.
   */
  async party(
    name: string,
    options: { rpc?: readonly string[]; mirrors?: readonly string[]; ether?: bigint } = {},
  ): Promise<Party> {
    const number = this.parties.length + 1;
    const key = keyOf(number);
    const address = walletOf(number).address;
    const folder = join(this.folder, name.replaceAll(" ", "-"));
    await mkdir(folder);
    const config = join(folder, "assay.yaml");
    const { rpc = [this.anvil.url], mirrors = [], ether } = options;
    await writeFile(
      config,
      stringify({
        ...{ rpc, chainId: 31337, assay: this.assay, deploymentBlock: this.deploymentBlock, confirmations: 2 },
        stores: [{ url: "file:./store", write: true }, ...mirrors],
        state: "./state",
        polling: { seconds: 0.5, timeoutSeconds: 10, retries: 4 },
        fees: { stuckSeconds: 20 },
        limits: { environments: ["releaseTarball"], parallelChallenges: 4 },
      }),
    );
    if (ether !== undefined) {
      await this.anvil.provider.send("anvil_setBalance", [address, `0x${ether.toString(16)}`]);
    }
    const party = { name, address, key, folder, config };
    this.parties.push(party);
    this.names.set(address.toLowerCase(), name);
    return party;
  }

  start(party: Party, args: readonly string[]): Actor {
    return new Actor(args[0]!, [...args, "--config", party.config], { key: party.key, folder: party.folder });
  }

  /** Serves a party's store by HTTP. @returns its address. */
  async serveStore(party: Party): Promise<string> {
    const server = new Actor("store", ["store", "serve", "--port", "0", "--config", party.config, "--json"], {
      folder: party.folder,
    });
    const { url } = await server.line(({ url }) => url !== undefined, "the store's address", 60);
    return String(url);
  }

  async balance({ address }: Pick<Party, "address">): Promise<bigint> {
    const owed = await this.watch.chain.contract.owed(address);
    return (await this.anvil.provider.getBalance(address)) + owed;
  }

  /** Sets the chain's clock forward, for all parties at once; no reorganisation undoes that. */
  async skip(seconds: number): Promise<void> {
    await this.anvil.provider.send("evm_increaseTime", [seconds]);
    await this.anvil.provider.send("evm_mine", []);
    await this.reorganiser.keep();
  }

  async reorganise(phase: string, again = false): Promise<void> {
    await this.reorganiser.reorganise(1 + this.random.below(8), again, phase);
  }
}

interface DeploymentFile {
  readonly contracts: { readonly assay: { readonly address: string } };
  readonly deploymentBlock: number;
}

async function readJson(file: string): Promise<unknown> {
  const { readFile } = await import("node:fs/promises");
  return JSON.parse(await readFile(file, "utf8"));
}

function walletOf(number: number): HDNodeWallet {
  return HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(mnemonic), `m/44'/60'/0'/0/${number}`);
}

function keyOf(number: number): string {
  return walletOf(number).privateKey;
}
