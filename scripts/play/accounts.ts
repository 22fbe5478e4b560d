import { HDNodeWallet } from "ethers";

/** The mnemonic that every Ethereum development tool uses: everybody knows its keys. */
export const MNEMONIC = "test test test test test test test test test test test junk";

const LENDERS = 5;
const VISITORS_END = 20;

/** Who the accounts of the chain are, by address, in the order of the mnemonic. */
export interface Roles {
  readonly deployer: string;
  readonly lenders: readonly string[];
  readonly keeper: string;
  /** Calls margin for the lenders. */
  readonly monitor: string;
  /** Nobody yet: for whoever connects a wallet. */
  readonly visitors: readonly string[];
  readonly borrowers: readonly string[];
}

/** An account with its private key. */
export interface KeyedAccount {
  readonly role: string;
  readonly address: string;
  readonly privateKey: string;
}

/** How many accounts a chain with so many loans needs; the last ones are the feeds' oracles. */
export function accountCount(loans: number, oracles: number): number {
  return VISITORS_END + loans + oracles;
}

/** @param addresses All accounts of the chain. */
export function assignRoles(addresses: readonly string[], loans: number): Roles {
  const [deployer, keeper, monitor] = [addresses[0], addresses[1 + LENDERS], addresses[2 + LENDERS]];
  if (deployer === undefined || keeper === undefined || monitor === undefined)
    throw new RangeError("The chain has too few accounts.");
  return {
    deployer,
    lenders: addresses.slice(1, 1 + LENDERS),
    keeper,
    monitor,
    visitors: addresses.slice(3 + LENDERS, VISITORS_END),
    borrowers: addresses.slice(VISITORS_END, VISITORS_END + loans),
  };
}

/** The first accounts with their keys: deployer, lenders, keeper, monitor, visitors, and the first borrowers. */
export function keyedAccounts(roles: Roles, borrowers: number): KeyedAccount[] {
  const named = [
    ["deployer and admin", roles.deployer],
    ...roles.lenders.map((address) => ["lender", address]),
    ["keeper", roles.keeper],
    ["monitor", roles.monitor],
    ...roles.visitors.map((address) => ["free", address]),
    ...roles.borrowers.slice(0, borrowers).map((address) => ["borrower", address]),
  ];
  const root = HDNodeWallet.fromPhrase(MNEMONIC, undefined, "m/44'/60'/0'/0");
  return named.map(([role = "", address = ""], i) => {
    const wallet = root.deriveChild(i);
    if (wallet.address !== address)
      throw new Error(`Account ${String(i)} is not ${address}: another mnemonic is in use.`);
    return { role, address, privateKey: wallet.privateKey };
  });
}
