import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gweiToWei, parseConfig, readConfig } from "../../src/cli/config.ts";
import { readParameters } from "../../src/deployment/parameterFile.ts";
import { type DeploymentRecord, writeRecord } from "../../src/deployment/record.ts";

const required = `rpc: http://127.0.0.1:8545
chainId: 31337
assay: "0x5FbDB2315678afecb367f032d93F642f64180aa3"
stores: [{ url: "file:./store", write: true }]
state: /var/lib/assay
`;

/** The required lines with a further store. */
const storing = (store: string) => required.replace("write: true }", `write: true }, ${store}`);

const remote = '{ url: "http://127.0.0.1:9000", address: "0x5FbDB2315678afecb367f032d93F642f64180aa3" }';

describe("the configuration", () => {
  it("has the documented defaults", async () => {
    const example = parseConfig(await readFile("docs/assay.example.yaml", "utf8"), "/etc/assay/assay.yaml");
    const { key, ...documented } = example;
    const { key: _, ...defaults } = parseConfig(required, "/etc/assay/assay.yaml");
    expect({ ...defaults, state: documented.state }).toEqual(documented);
    expect(key).toEqual({ passwordVariable: "ASSAY_PASSWORD", keyVariable: "ASSAY_KEY" });
  });

  it("takes paths relative to its file", () => {
    const config = parseConfig(
      `${required}key: { keystore: key.json, passwordFile: ../password }\n`,
      "/etc/assay/a.yaml",
    );
    expect(config).toMatchObject({
      stores: [{ url: "file:///etc/assay/store", write: true }],
      state: "/var/lib/assay",
      key: { keystore: "/etc/assay/key.json", passwordFile: "/etc/password" },
    });
  });

  it.each([
    ["an unknown key", `${required}privateKey: "0x00"\n`, "privateKey"],
    ["a bad address", required.replace("5FbDB", "5fbDB"), "assay"],
    ["another protocol", required.replace("http:", "ftp:"), "rpc.0: must be an address that begins with http://"],
    ["a server that is no text", required.replace("http://127.0.0.1:8545", "[1]"), "rpc.0"],
    ["sockets alone", required.replace("http:", "ws:"), "rpc: needs an http(s) address too"],
    [
      "a socket with a fragment",
      required.replace("http://127.0.0.1:8545", "[http://a.example, ws://a.example/#a]"),
      "rpc.1",
    ],
    [
      "more agreement than there are http(s) servers",
      `${required.replace("http://127.0.0.1:8545", "[http://a.example, ws://a.example]")}rpcAgreement: 2\n`,
      "rpcAgreement",
    ],
    ["a store of another protocol", storing('"ftp://c.example"'), "stores.1.url: must begin with file:, https:, http:"],
    ["a store with a password", storing('"https://a:b@c.example"'), "stores.1.url: must have no user"],
    ["a store with a query", storing('"https://c.example/?a"'), "stores.1.url: must have no user"],
    [
      "a gateway to write to",
      storing('{ url: "ipfs+https://c.example", write: true }'),
      "only file:, https:, http: can",
    ],
    ["a token for a folder", storing('{ url: "file:./x", write: true, tokenFile: t }'), "is for http(s) stores"],
    ["a token for what is only read", storing('{ url: "https://c.example", tokenFile: t }'), "is for http(s) stores"],
    [
      "two places of a token",
      storing('{ url: "https://c.example", write: true, tokenFile: t, tokenVariable: T }'),
      "name one of them",
    ],
    ["nothing to write to", required.replace("write: true", "write: false"), "stores: mark one with write: true"],
    ["a negative number", `${required}confirmations: -1\n`, "confirmations"],
    ["more agreement than there are servers", `${required}rpcAgreement: 2\n`, "rpcAgreement"],
    ["a tag that is none", `${required}confirmations: latest\n`, "confirmations"],
    ["a nested fault", `${required}fees: { maxFeePerGasGwei: many }\n`, "fees.maxFeePerGasGwei"],
    [
      "no address and no deployment's file",
      required.replace(/^(assay|chainId):.*\n/gm, ""),
      "chainId: is missing; name it",
    ],
    ["two places of a key", `${required}key: { keystore: a.json, remote: ${remote} }\n`, "name one of them"],
    ["a salt of its own beside a key", `${required}key: { saltVariable: SALT }\n`, "remote signers only"],
    [
      "a signer without an account",
      `${required}key: { remote: { url: http://127.0.0.1:9000 } }\n`,
      "key.remote.address",
    ],
    ["a port that is none", `${required}metrics: { port: 65536 }\n`, "metrics.port"],
    ["nothing", "", "the file"],
    ["no YAML", "a: [", "not YAML"],
  ])("refuses %s and names it", (_, text, named) => {
    expect(() => parseConfig(text, "assay.yaml")).toThrowError(
      expect.objectContaining({ code: "cli/bad-config", message: expect.stringContaining(named) }),
    );
  });

  it.each(["safe", "finalized", 7])("takes %s for the confirmations", (confirmations) => {
    expect(parseConfig(`${required}confirmations: ${confirmations}\n`, "assay.yaml")).toMatchObject({ confirmations });
  });

  it("tells servers that are read from those that are only listened to", () => {
    const text = required.replace(
      "http://127.0.0.1:8545",
      "[wss://a.example/key, https://a.example/key, WS://b.example]",
    );
    expect(parseConfig(text, "assay.yaml")).toMatchObject({
      rpc: ["https://a.example/key"],
      newHeads: ["wss://a.example/key", "WS://b.example"],
    });
    expect(parseConfig(required, "assay.yaml")).toMatchObject({ rpc: ["http://127.0.0.1:8545"], newHeads: [] });
  });

  it("takes chain, address and block from a deployment's file, which lines beside it must not contradict", async () => {
    const folder = await mkdtemp(join(tmpdir(), "assay-config-"));
    try {
      const file = join(folder, "assay.yaml");
      const text =
        'rpc: http://127.0.0.1:8545\ndeployment: 5.json\nstores: [{ url: "file:./store", write: true }]\nstate: ./state\n';
      const hash = `0x${"0".repeat(64)}`;
      const contract = { address: `0x${"5".repeat(40)}`, transaction: hash, block: 8, codeHash: hash };
      const parameters = await readParameters("local");
      const record: DeploymentRecord = {
        ...{ version: 1, chainId: 5, genesis: hash, machineVersion: 1, deploymentBlock: 8, parameters },
        deployer: contract.address,
        contracts: { stepVerifier: contract, assay: contract, lens: contract },
      };
      expect(() => parseConfig(text, file)).toThrowError(expect.objectContaining({ code: "deployment/bad-record" }));
      await writeFile(join(folder, "5.json"), writeRecord(record));
      const place = { chainId: 5, assay: contract.address, deploymentBlock: 8, deployment: join(folder, "5.json") };
      expect(parseConfig(text, file)).toMatchObject(place);
      expect(parseConfig(`${text}chainId: 5\n`, file)).toMatchObject(place);
      expect(() => parseConfig(`${text}chainId: 6\ndeploymentBlock: 9\n`, file)).toThrowError(
        expect.objectContaining({
          message: expect.stringMatching(/chainId: is 6 here and 5 in .*deploymentBlock: is 9/),
        }),
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("takes what the example's comments say of metrics and of a remote signer", async () => {
    const text = await readFile("docs/assay.example.yaml", "utf8");
    const lines = [...text.matchAll(/^# {3}((?:metrics|remote|saltVariable): .*)$/gm)].map(([, line]) => line!);
    expect(lines).toHaveLength(3);
    const [metrics, ...key] = lines.map((line) => line.replace("0x…", "0x5FbDB2315678afecb367f032d93F642f64180aa3"));
    const config = parseConfig(`${required}${metrics}\nkey:\n  ${key.join("\n  ")}\n`, "assay.yaml");
    const short = parseConfig(`${required}metrics: { port: 9464 }\nkey: { remote: ${remote} }\n`, "assay.yaml");
    expect(config.metrics).toEqual(short.metrics);
    expect(config.key).toMatchObject({ ...short.key, saltVariable: "ASSAY_SALT" });
  });

  it("says where it looked for the file", async () => {
    await expect(readConfig("/nonexistent/assay.yaml", {})).rejects.toMatchObject({
      code: "cli/no-config",
      details: { file: "/nonexistent/assay.yaml" },
    });
  });

  it("turns gwei into wei without loss", () => {
    expect(gweiToWei(0.000000001)).toBe(1n);
    expect(gweiToWei(1.5)).toBe(1_500_000_000n);
  });
});
