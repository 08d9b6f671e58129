import { describeProofs } from "./describeProofs.ts";
import { arithmetic } from "./properties/arithmetic.ts";

describeProofs(arithmetic);
