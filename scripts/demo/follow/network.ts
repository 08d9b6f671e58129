import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Place } from "../../../src/demo/actor.ts";

const partyScript = fileURLToPath(new URL("./party.sh", import.meta.url));
const bridge = "assay0";
const addressOf = (host: number) => `10.77.0.${host}`;

/** Somebody with a folder and, where that is possible, a network and a view of the files of their own. */
export interface Party extends Place {
  readonly name: string;
  readonly address: string;
  /** The same without a network. */
  readonly offline: Place;
}

/**
 * The network between the parties: a bridge, and each party behind a pair of virtual devices in a namespace of its own, where the folders
 * of the others are not to be seen. The demo itself runs in a namespace that `scripts/demoFollow.sh` has made. Where that is not permitted
 * all are on the loopback address, in folders beside each other.
 */
export class Network {
  /** Whether the parties are apart. */
  readonly isReal = process.env.ASSAY_DEMO_NETWORK === "1";
  private hosts = 1;

  private constructor(private readonly folder: string) {}

  static async open(folder: string): Promise<Network> {
    const network = new Network(join(folder, "parties"));
    await mkdir(network.folder);
    if (network.isReal) {
      // Seen by this process and what it starts alone, and gone with them.
      run("mount", "-t", "tmpfs", "tmpfs", "/run");
      await mkdir("/run/own");
      run("ip", "link", "set", "lo", "up");
      run("ip", "link", "add", bridge, "type", "bridge");
      run("ip", "address", "add", `${addressOf(1)}/24`, "dev", bridge);
      run("ip", "link", "set", bridge, "up");
    }
    return network;
  }

  async join(name: string, environment: Readonly<Record<string, string>> = {}): Promise<Party> {
    const folder = join(this.folder, name);
    await mkdir(folder);
    if (!this.isReal) {
      return { name, folder, environment, address: "127.0.0.1", offline: { folder, environment } };
    }
    const host = ++this.hosts;
    const [namespace, device] = [`/run/${name}`, `assay${host}`];
    await writeFile(namespace, "");
    const within = ["nsenter", `--net=${namespace}`];
    run("unshare", `--net=${namespace}`, "true");
    run("ip", "link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", namespace);
    run("ip", "link", "set", device, "master", bridge, "up");
    run(...within, "ip", "address", "add", `${addressOf(host)}/24`, "dev", "eth0");
    for (const each of ["lo", "eth0"]) run(...within, "ip", "link", "set", each, "up");
    const alone = ["sh", partyScript, this.folder, name];
    return {
      ...{ name, folder, environment, address: addressOf(host) },
      via: [...within, "unshare", "--mount", ...alone],
      offline: { folder, environment, via: ["unshare", "--net", "--mount", ...alone] },
    };
  }

  /** Where the parties reach a server that listens on the loopback address of the demo. */
  async reach(url: string): Promise<string> {
    if (!this.isReal) return url;
    const server = createServer((socket) => {
      const onward = connect(Number(new URL(url).port), "127.0.0.1");
      for (const [one, other] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        one.on("error", () => other.destroy()).pipe(other);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, addressOf(1), resolve));
    server.unref();
    return `http://${addressOf(1)}:${(server.address() as AddressInfo).port}`;
  }
}

function run(...[file, ...args]: readonly string[]): void {
  execFileSync(file!, args, { stdio: ["ignore", "ignore", "inherit"] });
}
