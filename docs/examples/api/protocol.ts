// How long a claim can be challenged, and how long one challenge can hold it up, with the parameters for main networks.
import { readParameters } from "assay/build";
import { claimWindowSeconds, disputeSeconds } from "assay/protocol";

const parameters = await readParameters("mainnet");
const [window, dispute] = [claimWindowSeconds(parameters, 16), disputeSeconds(parameters, 16)];
console.log(`2^16 ticks: window ${window} s, a challenge at most ${dispute} s`);
