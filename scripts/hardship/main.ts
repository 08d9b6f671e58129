import { Random } from "../../test/support/random.ts";
import { playKills } from "./kills.ts";
import { playReorganisations } from "./reorganisations.ts";

/** `tsx scripts/hardship/main.ts kills|reorganisations <how many> [seed]`: whole stories, until there have been so many. */
const plays = { kills: playKills, reorganisations: playReorganisations };
const [kind = "", count = "", given = String(Math.floor(Math.random() * 1e6))] = process.argv.slice(2);
const play = plays[kind as keyof typeof plays];
const wanted = Number(count);
if (play === undefined || !Number.isInteger(wanted) || wanted < 1) {
  console.error("usage: tsx scripts/hardship/main.ts kills|reorganisations <how many> [seed]");
  process.exit(2);
}
/** So that a story ends: what is under way when it is full is left to come to its end in peace. */
const mostInOne = 25;
console.log(`seed ${given}`);
const random = new Random(Number(given));
let done = 0;
let stories = 0;
while (done < wanted) {
  done += await play(random, Math.min(mostInOne, wanted - done));
  stories++;
  console.log(`${kind}: ${done} of ${wanted} in ${stories} stories, nothing lost, nothing wrong is final`);
}
process.exit(0);
