/** Wallets that announce themselves to pages (EIP-6963), and what is asked of one. No key is ever in the page. */
import { createStore, type EIP6963ProviderDetail } from "mipd";
import type { Call } from "../../../../chain/outbox/call.ts";
import { AssayError } from "../../../../core/errors.ts";
import { printable } from "../../../../core/printable.ts";

export interface FoundWallet {
  readonly id: string;
  readonly name: string;
  readonly detail: EIP6963ProviderDetail;
}

export interface ConnectedWallet {
  readonly address: string;
  /** Asks the wallet to sign and send. @returns the transaction's hash. @throws AssayError `verify/wallet` */
  send(call: Call, gas: bigint): Promise<string>;
}

/** @param onChange told of all wallets, at once and whenever one announces itself. @returns ends it. */
export function watchWallets(onChange: (wallets: readonly FoundWallet[]) => void): () => void {
  const store = createStore();
  const tell = () =>
    onChange(
      store.getProviders().map((detail) => {
        return { id: detail.info.rdns, name: printable(String(detail.info.name), 40), detail };
      }),
    );
  const end = store.subscribe(tell);
  tell();
  return () => {
    end();
    store.destroy();
  };
}

/**
 * An account of a wallet, on the chain that is wanted.
 * @param isSilent asks for nothing that the wallet's owner has to allow: after a reload.
 * @returns undefined where nothing was allowed before. @throws AssayError `verify/wallet`
 */
export async function connectWallet(
  { detail: { provider } }: FoundWallet,
  chainId: number,
  isSilent: boolean,
): Promise<ConnectedWallet | undefined> {
  const ask = async (method: string, params: readonly unknown[] = []): Promise<unknown> => {
    try {
      return await provider.request({ method, params } as unknown as Parameters<typeof provider.request>[0]);
    } catch (error) {
      throw refusal(error);
    }
  };
  const accounts = await ask(isSilent ? "eth_accounts" : "eth_requestAccounts");
  const [address] = Array.isArray(accounts) ? (accounts as unknown[]) : [];
  if (typeof address !== "string" || !/^0x[0-9a-fA-F]{40}$/.test(address)) {
    if (isSilent) return undefined;
    throw walletError("it has no account for this page");
  }
  const wanted = `0x${chainId.toString(16)}`;
  const isThere = async () => Number(await ask("eth_chainId")) === chainId;
  if (!(await isThere())) await ask("wallet_switchEthereumChain", [{ chainId: wanted }]);
  return {
    address,
    async send({ to, data, value = 0n }, gas) {
      if (!(await isThere())) throw walletError(`it is on another chain than ${chainId}`);
      const hex = (number: bigint) => `0x${number.toString(16)}`;
      const hash = await ask("eth_sendTransaction", [{ from: address, to, data, value: hex(value), gas: hex(gas) }]);
      if (typeof hash === "string" && /^0x[0-9a-f]{64}$/i.test(hash)) return hash;
      throw walletError("it has sent something else than a transaction");
    },
  };
}

function refusal(error: unknown): AssayError {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  return walletError(code === 4001 ? "you have refused" : printable(String(message ?? "it has failed"), 200));
}

function walletError(reason: string): AssayError {
  return new AssayError("verify/wallet", `the wallet did not do it: ${reason}`, { reason });
}
