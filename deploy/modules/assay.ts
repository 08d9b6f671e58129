import { assayModule } from "../../src/deployment/module.ts";

// `npx hardhat ignition deploy deploy/modules/assay.ts` finds a module by its file's default export.
export default assayModule;
