import { join } from "node:path";
import { serveStore } from "../../src/store/node/storeServer.ts";
import { AgentWorld } from "../../test/support/agentWorld.ts";
import { KillableDaemon } from "../../test/support/killableDaemon.ts";
import type { Random } from "../../test/support/random.ts";
import type { Interruptions } from "./interruptions.ts";
import { require } from "./requirement.ts";
import { Scenario } from "./scenario.ts";

/** So that the time of the chain, in which each block takes a second, does not run away from processes that start again. */
const blockMilliseconds = 250;

/**
 * A scenario whose solvers and verifier are processes, each of which is killed again and again and started anew at once. In about
 * half of them the wrong solver keeps its checkpoint lists to itself, so that disputes begin with all ticks of the build.
 */
export async function playKills(random: Random, interruptions: Interruptions): Promise<void> {
  const world = await AgentWorld.start({ blockMilliseconds });
  const served = await serveStore({ folder: world.storeFolder, host: "127.0.0.1", port: 0 });
  const daemons: KillableDaemon[] = [];
  const start = async (name: string, args: readonly string[], edit = (configuration: string) => configuration) => {
    const daemon = await KillableDaemon.configured(world, name, args, edit(world.configuration(name)));
    daemons.push(daemon);
    return daemon;
  };
  try {
    const keepsLists = random.chance(0.5);
    const wrong = await start("wrong", ["solver", "--no-challenge", "--fault", "memory@1:1000"], (configuration) => {
      const folder = join(world.folder, "kept-back");
      const own = `stores: [{ url: "file:${folder}", write: true }, "${served.url}"]`;
      return keepsLists ? configuration.replace(/^stores: .*$/m, own) : configuration;
    });
    const honest = await start("honest", ["solver", "--no-challenge"]);
    const verifier = await start("verifier", ["verifier"]);
    const players = {
      honest: honest.wallet.address,
      wrong: wrong.wallet.address,
      verifier: verifier.wallet.address,
    };
    await new Scenario(world, players, interruptions).play(async () => {
      // Anywhere between two blocks.
      await new Promise((resolve) => setTimeout(resolve, random.below(blockMilliseconds)));
      await random.pick(daemons).restart();
    });
    await world.until("all running", () => daemons.every((daemon) => daemon.said("started")));
    for (const daemon of daemons) {
      const status = await daemon.stop();
      // What has become final is wrong in the eyes of who has run something else.
      if (daemon === wrong) continue;
      const errors = daemon.allLines.filter(({ level }) => level === "error").map((line) => JSON.stringify(line));
      require(`exit status 0, not ${status}, and no error:\n${errors.join("\n")}`, status === 0 && errors.length === 0);
    }
  } catch (error) {
    for (const { lines } of daemons)
      console.error(
        lines
          .slice(-20)
          .map((line) => JSON.stringify(line))
          .join("\n"),
      );
    throw error;
  } finally {
    for (const daemon of daemons) await daemon.kill();
    await world.close();
    await served.close();
  }
}
