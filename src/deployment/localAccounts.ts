import { HDNodeWallet, Mnemonic } from "ethers";

/** Hardhat's published test mnemonic: the keys of a local chain are not secret. */
const mnemonic = "test test test test test test test test test test test junk";

export interface LocalAccount {
  readonly address: string;
  /** Private key, 32 bytes in hexadecimal. */
  readonly key: string;
}

/** The first accounts of a local chain that hold ether. */
export function localAccounts(count: number): readonly LocalAccount[] {
  const parent = HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(mnemonic), "m/44'/60'/0'/0");
  return Array.from({ length: count }, (_, i) => {
    const { address, privateKey } = parent.deriveChild(i);
    return { address, key: privateKey };
  });
}
