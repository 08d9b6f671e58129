import { stage } from "../../../src/demo/stage.ts";
import { play } from "./play.ts";

const seed = Number(process.env.ASSAY_SEED ?? Math.floor(Math.random() * 1e6));
console.log(`seed ${seed} (ASSAY_SEED changes it)`);
await stage(async (folder) => await play(folder, seed));
