import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEther, Wallet } from "ethers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseRecord } from "../../src/deployment/record.ts";
import { type Anvil, startAnvil } from "../support/anvil.ts";
import { type FaultyProxy, startFaultyProxy } from "../support/faultyProxy.ts";
import { runAssay, startAssay } from "../support/spawned.ts";

let anvil: Anvil;
let proxy: FaultyProxy;
let folder: string;
let wallet: Wallet;
beforeAll(async () => {
  anvil = await startAnvil();
  proxy = await startFaultyProxy(anvil.url);
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-deploy-"));
  wallet = await newWallet();
});
afterEach(async () => {
  proxy.behave(() => "pass");
  await rm(folder, { recursive: true, force: true });
});
afterAll(async () => {
  await proxy.close();
  await anvil.close();
});

/** An account with one ether. */
async function newWallet(): Promise<Wallet> {
  const { privateKey, address } = Wallet.createRandom();
  await anvil.provider.send("anvil_setBalance", [address, `0x${parseEther("1").toString(16)}`]);
  return new Wallet(privateKey);
}

const file = () => join(folder, "deploy", "deployments", "31337.json");
const args = (rpc = proxy.url) => ["deploy", "--rpc", rpc, "--parameters", "local"];
const run = async (more: readonly string[] = [], rpc?: string) =>
  await runAssay([...args(rpc), ...more], { folder, environment: { ASSAY_KEY: wallet.privateKey } });
const sentBy = async (chain: Anvil = anvil) => await chain.provider.getTransactionCount(wallet.address);

describe("assay deploy", () => {
  it("goes on where it was after a kill before or after each transaction got away", async () => {
    for (const nonce of [0, 1]) {
      for (const moment of ["before", "after"] as const) {
        const running = startAssay(args(), { folder, environment: { ASSAY_KEY: wallet.privateKey } });
        proxy.behave(({ method }) => {
          if (method !== "eth_sendRawTransaction") return "pass";
          if (moment === "before") {
            running.kill();
            return "stall";
          }
          const change = (): never => {
            running.kill();
            throw new Error("no answer any more");
          };
          return { change };
        });
        expect((await running.finished).status, `${moment} ${nonce}`).toBe(null);
        expect(await sentBy()).toBe(moment === "before" ? nonce : nonce + 1);
      }
    }
    // The last line of the journal is torn, as by a power cut.
    const journals = join(folder, "deploy", "deployments", "journals");
    const journal = join(journals, (await readdir(journals))[0]!, "journal.jsonl");
    await writeFile(journal, `${await readFile(journal, "utf8")}\n{"type":"TRANSACTION_CONF`);

    proxy.behave(() => "pass");
    expect(await run()).toMatchObject({ status: 0, stderr: "" });
    expect(await sentBy()).toBe(3);
    const { contracts } = parseRecord(await readFile(file(), "utf8"), file());
    const blocks = [contracts.stepVerifier.block, contracts.assay.block, contracts.lens.block];
    expect(blocks).toEqual([...blocks].sort((a, b) => a - b));
  });

  it("is made by one process at a time; another account may go on with it", async () => {
    const running = startAssay(args(), { folder, environment: { ASSAY_KEY: wallet.privateKey } });
    await new Promise<void>((sending) => {
      proxy.behave(({ method }) => {
        if (method !== "eth_sendRawTransaction") return "pass";
        sending();
        return "stall";
      });
    });
    proxy.behave(() => "pass");
    const second = await run();
    expect(second).toMatchObject({ status: 1, stderr: expect.stringContaining("is making this very deployment") });
    running.kill();
    await running.finished;

    const first = wallet;
    wallet = await newWallet();
    expect(await run()).toMatchObject({ status: 0, stderr: "" });
    const { contracts } = parseRecord(await readFile(file(), "utf8"), file());
    const receipts = await Promise.all(
      Object.values(contracts).map(({ transaction }) => anvil.provider.getTransactionReceipt(transaction)),
    );
    expect(receipts.map((receipt) => receipt!.from)).toEqual([first.address, wallet.address, wallet.address]);
  });

  it("waits for confirmations where blocks come at intervals", async () => {
    const slow = await startAnvil(["--block-time", "1"]);
    try {
      await slow.provider.send("anvil_setBalance", [wallet.address, `0x${parseEther("1").toString(16)}`]);
      expect(await run(["--confirmations", "2"], slow.url)).toMatchObject({ status: 0, stderr: "" });
      const { contracts } = parseRecord(await readFile(file(), "utf8"), file());
      expect(contracts.assay.block).toBeGreaterThanOrEqual(contracts.stepVerifier.block + 2);
    } finally {
      await slow.close();
    }
  });

  it.each([
    ["paris", "PUSH0 (EIP-3855)"],
    ["shanghai", "MCOPY (EIP-5656)"],
  ])("refuses the rules of %s before it sends anything, and names what is missing", async (hardfork, missing) => {
    const old = await startAnvil(["--hardfork", hardfork]);
    try {
      await old.provider.send("anvil_setBalance", [wallet.address, `0x${parseEther("1").toString(16)}`]);
      const { status, stderr } = await run([], old.url);
      expect(status).toBe(7);
      expect(stderr).toContain(`lacks ${missing}`);
      expect(await sentBy(old)).toBe(0);
    } finally {
      await old.close();
    }
  });

  it("says how much is missing on an account that cannot pay", async () => {
    await anvil.provider.send("anvil_setBalance", [wallet.address, "0x5"]);
    const { status, stderr } = await run();
    expect(status).toBe(1);
    expect(stderr).toMatch(/has 0\.0+5 ether and needs 0\.0\d+ .*send it 0\.0\d+ \[chain\/insufficient-funds\]\n$/);
  });

  it("goes on when an account that ran dry in the middle has been topped up", async () => {
    proxy.behave(({ method }) => {
      if (method !== "eth_sendRawTransaction") return "pass";
      return {
        status: 200,
        body: '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"insufficient funds for gas"}}',
      };
    });
    const dry = await run();
    expect(dry).toMatchObject({ status: 1, stderr: expect.stringContaining("[chain/insufficient-funds]") });
    proxy.behave(() => "pass");
    expect(await run()).toMatchObject({ status: 0, stderr: "" });
    expect(await sentBy()).toBe(3);
  });

  it.each([
    ["fees above the cap", ["--max-fee-gwei", "0.000001"], 1, "the cap is 1000"],
    ["a server of another chain", ["--chain-id", "1"], 7, "serves chain 31337, not 1"],
    ["no parameters", ["--parameters", "nowhere.json"], 2, "cannot read the parameters"],
    ["a server that is none", ["--rpc", "ftp://127.0.0.1"], 2, "http:// or https://"],
  ])("refuses %s", async (_, more, status, said) => {
    expect(await run(more)).toMatchObject({ status, stderr: expect.stringContaining(said) });
    expect(await sentBy()).toBe(0);
  });
});

describe("a deployment", () => {
  it("is examined, made, found again and used", async () => {
    const keyless = await runAssay([...args(), "--dry-run"], { folder });
    expect(keyless).toMatchObject({ status: 0, stdout: expect.stringMatching(/no key given(.|\n)*nothing was sent/) });
    const dry = await run(["--dry-run", "--json"]);
    const facts = JSON.parse(dry.stdout);
    expect(facts).toMatchObject({ deployer: wallet.address, missing: ["StepVerifier", "Assay", "AssayLens"] });
    expect(await sentBy()).toBe(0);
    expect(await readdir(folder)).toEqual([]);

    const made = await run(["--json"]);
    expect(made).toMatchObject({ status: 0, stderr: "" });
    const text = await readFile(file(), "utf8");
    const record = parseRecord(text, file());
    expect(record).toMatchObject({ chainId: 31337, deployer: wallet.address, parameters: { log2Arity: 4 } });
    expect(JSON.parse(made.stdout)).toMatchObject({ sent: 3, contracts: record.contracts });
    expect(record.deploymentBlock).toBe(record.contracts.assay.block);
    const receipts = await Promise.all(
      Object.values(record.contracts).map(({ transaction }) => anvil.provider.getTransactionReceipt(transaction)),
    );
    expect(receipts.map((receipt) => receipt!.contractAddress)).toEqual(
      Object.values(record.contracts).map(({ address }) => address),
    );
    // The estimate is above what it has cost, and not far above.
    const gas = Number(receipts.reduce((sum, receipt) => sum + receipt!.gasUsed, 0n));
    expect(Number(facts.gas)).toBeGreaterThan(gas);
    expect(Number(facts.gas)).toBeLessThan(gas * 1.4);

    const again = await run();
    expect(again).toMatchObject({ status: 0, stdout: expect.stringContaining("nothing was sent") });
    // Without the file the journal tells that everything stands.
    await rm(file());
    expect(await run()).toMatchObject({ status: 0, stdout: expect.stringContaining("nothing was sent") });
    expect(await readFile(file(), "utf8")).toBe(text);
    expect(await sentBy()).toBe(3);

    await writeFile(
      join(folder, "assay.yaml"),
      `rpc: ${proxy.url}\ndeployment: ${file()}\nstores: [{ url: "file:./store", write: true }]\nstate: ./state\n`,
    );
    expect(await runAssay(["claims", "--json"], { folder })).toMatchObject({ status: 0, stdout: "[]\n" });
    expect(await runAssay(["chain", "verify"], { folder })).toMatchObject({ status: 0 });

    const other = await run(["--parameters", "testnet"]);
    expect(other).toMatchObject({ status: 2, stderr: expect.stringContaining("solverBond (parameter file)") });
    const fresh = await startAnvil();
    try {
      const elsewhere = await run([], fresh.url);
      expect(elsewhere).toMatchObject({ status: 2, stderr: expect.stringContaining("another first block") });
    } finally {
      await fresh.close();
    }
    expect(await readFile(file(), "utf8")).toBe(text);
  });
});
