import { describeProofs } from "./describeProofs.ts";
import { clocks } from "./properties/clocks.ts";
import { money } from "./properties/money.ts";
import { ranges } from "./properties/ranges.ts";
import { words } from "./properties/words.ts";

describeProofs(clocks);
describeProofs(ranges);
describeProofs(words);
describeProofs(money);
