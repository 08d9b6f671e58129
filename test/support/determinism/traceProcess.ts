/** Entry of a process that runs the nosy build by a plan and prints its `TracedRun` as JSON. */
import { type RunPlan, traceBuild } from "./tracedBuild.ts";

/** What takes most of the heap, so that little is left and it is collected all the time. */
const ballast: object[] = [];

const { plan, ballastObjects } = JSON.parse(process.argv[2]!) as { plan: RunPlan; ballastObjects: number };
for (let i = 0; i < ballastObjects; i++) ballast.push({ i });
process.stdout.write(JSON.stringify({ ...(await traceBuild(plan)), kept: ballast.length }));
