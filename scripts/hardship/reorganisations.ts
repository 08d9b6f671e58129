import { join } from "node:path";
import { noneUndone } from "../../src/agents/duties.ts";
import { serveStore } from "../../src/store/node/storeServer.ts";
import { AgentWorld, folderStore } from "../../test/support/agentWorld.ts";
import { startAnvil } from "../../test/support/anvil.ts";
import type { Random } from "../../test/support/random.ts";
import { Reorganiser } from "../demo/hostile/reorganiser.ts";
import type { Interruptions } from "./interruptions.ts";
import { require } from "./requirement.ts";
import { Scenario } from "./scenario.ts";

/**
 * A scenario on a chain that is reorganised again and again, up to eight blocks deep, where daemons believe a block after two
 * more. Transactions of the replaced blocks come back, or are dropped. In about half of the scenarios the wrong solver keeps its
 * checkpoint lists to itself, so that disputes begin with all ticks of the build.
 */
export async function playReorganisations(random: Random, interruptions: Interruptions): Promise<void> {
  const anvil = await startAnvil(["--block-time", "1"]);
  const send = async (method: string, params: unknown[] = []) => await anvil.provider.send(method, params);
  const server = { url: anvil.url, send, close: async () => await anvil.close() };
  const world = await AgentWorld.start({ server, confirmations: 2 });
  const served = await serveStore({ folder: world.storeFolder, host: "127.0.0.1", port: 0 });
  try {
    const [wrongKey, honestKey, verifierKey] = [await world.wallet(), await world.wallet(), await world.wallet()];
    // Anvil forgets, with the blocks that it replaces, what was given to an account since the one before them.
    await send("evm_mine");
    const reorganiser = new Reorganiser(anvil.provider, await anvil.provider.getBlockNumber(), () => {});
    const own = { stores: [folderStore(join(world.folder, "kept-back")), { url: served.url, write: false }] };
    await world.solver(["memory@1:1000"], { key: wrongKey, ...(random.chance(0.5) && own) });
    const honest = await world.solver([], { key: honestKey });
    const verifier = await world.verifier({ key: verifierKey });
    const players = { honest: honestKey.address, wrong: wrongKey.address, verifier: verifierKey.address };
    await new Scenario(world, players, interruptions).play(async () => {
      const again = random.chance(0.5);
      const transactions = await reorganiser.reorganise(1 + random.below(8), again, "");
      interruptions.tally(again ? "transactions come back" : "transactions dropped", transactions);
    });
    for (const daemon of [honest, verifier]) {
      const duties = JSON.stringify(await daemon.stop());
      const errors = daemon.entries.filter(({ level }) => level === "error").map(({ message }) => message);
      require(`no duty is missed: ${duties}`, duties === JSON.stringify(noneUndone()));
      require(`no error is logged: ${errors.join("; ")}`, errors.length === 0);
    }
  } finally {
    await world.close();
    await served.close();
  }
}
