/** Lending: the loan asset for the vault's shares. */
import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { requireAddress } from "../errors/invalid-address.ts";
import type { CallRequest } from "./call-request.ts";
import type { MarketConnection } from "./connection.ts";
import { callOf } from "./contracts.ts";
import { requirePositive } from "./orders.ts";
import { send, toldByVault, type Done, type SendOptions } from "./send.ts";

/** What is lent. */
export interface LendOrder {
  /** [asset] */
  readonly amount: bigint;
  /** Who gets the shares; the sender by default. */
  readonly receiver?: string | undefined;
}

/** What came of it. */
export interface Lent extends Done {
  /** [asset] */
  readonly assets: bigint;
  /** [share] */
  readonly shares: bigint;
}

/** `LenderVault.deposit`. @param sender Who lends. */
export function lendCall(addresses: MarketAddresses, order: LendOrder, sender: string): CallRequest {
  const amount = requirePositive("amount", order.amount);
  const receiver = requireAddress("receiver", order.receiver ?? sender);
  const approval = { token: addresses.loanAsset.token, spender: addresses.vault, amount };
  return callOf("vault", addresses, "deposit", [amount, receiver], [approval]);
}

/** Lends. Throws like {@link send}. */
export async function lend(connection: MarketConnection, order: LendOrder, options?: SendOptions): Promise<Lent> {
  const sender = await connection.sender();
  const done = await send(connection, lendCall(connection.addresses, order, sender), options);
  const { assets, shares } = toldByVault(done, "Deposit", { sender });
  return { ...done, assets, shares };
}
