import { createRequire } from "node:module";
import { defineConfig } from "hardhat/config";

export default defineConfig({
  // The compiler is the npm package `solc`, so that a build asks no server for one.
  solidity: { version: "0.8.37", path: createRequire(import.meta.url).resolve("solc/soljson.js") },
});
