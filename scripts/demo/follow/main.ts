import { stage } from "../../../src/demo/stage.ts";
import { play } from "./play.ts";

await stage(play);
