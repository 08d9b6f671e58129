import { describeProofs } from "./describeProofs.ts";
import { rows } from "./properties/rows.ts";
import { walks } from "./properties/walks.ts";

describeProofs(rows);
describeProofs(walks);
