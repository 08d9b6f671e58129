import { Random } from "../../test/support/random.ts";
import { Interruptions } from "./interruptions.ts";
import { playKills } from "./kills.ts";
import { playReorganisations } from "./reorganisations.ts";

/** `tsx scripts/hardship/main.ts kills|reorganisations <how many> [seed]`: whole scenarios, until there have been so many. */
const kinds = { kills: { play: playKills, chance: 0.1 }, reorganisations: { play: playReorganisations, chance: 0.1 } };
const [name = "", count = "", seed = String(Math.floor(Math.random() * 1e6))] = process.argv.slice(2);
const kind = kinds[name as keyof typeof kinds];
const wanted = Number(count);
if (kind === undefined || !Number.isInteger(wanted) || wanted < 1) {
  console.error("usage: tsx scripts/hardship/main.ts kills|reorganisations <how many> [seed]");
  process.exit(2);
}
/** So that a scenario ends. */
const mostInOne = 30;
console.log(`seed ${seed}`);
const random = new Random(Number(seed));
const interruptions = new Interruptions(random, kind.chance);
for (let scenarios = 1; interruptions.count < wanted; scenarios++) {
  interruptions.beginStory(Math.min(mostInOne, wanted - interruptions.count));
  await kind.play(random, interruptions);
  console.log(
    `${name}: ${interruptions.count} of ${wanted} in ${scenarios} scenarios, nothing lost, nothing wrong is final`,
  );
  console.log(interruptions.table);
}
process.exit(0);
