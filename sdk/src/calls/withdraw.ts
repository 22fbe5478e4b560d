/** Withdrawing what was lent, as far as the vault has cash. */
import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { requireAddress } from "../errors/invalid-address.ts";
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import type { CallRequest } from "./call-request.ts";
import type { MarketConnection } from "./connection.ts";
import { callOf } from "./contracts.ts";
import { requirePositive } from "./orders.ts";
import { MarketReader } from "./reader.ts";
import { send, toldByVault, type Done, type SendOptions } from "./send.ts";

/** What is withdrawn: an `amount` [asset] or `shares` [share]. Owner and receiver are the sender by default. */
export type WithdrawOrder = ({ readonly amount: bigint } | { readonly shares: bigint }) & {
  /** Whose shares are given; if they are not the sender's, it has allowed the sender to. */
  readonly owner?: string | undefined;
  readonly receiver?: string | undefined;
};

/** What came of it. */
export interface Withdrawn extends Done {
  /** [asset] */
  readonly assets: bigint;
  /** [share] */
  readonly shares: bigint;
}

/** `LenderVault.withdraw` of an amount [asset], or `redeem` of shares [share]. @param sender Who withdraws. */
export function withdrawCall(addresses: MarketAddresses, order: WithdrawOrder, sender: string): CallRequest {
  const owner = requireAddress("owner", order.owner ?? sender);
  const receiver = requireAddress("receiver", order.receiver ?? sender);
  if ("amount" in order) {
    return callOf("vault", addresses, "withdraw", [requirePositive("amount", order.amount), receiver, owner]);
  }
  if (requireUint("shares", order.shares) === 0n) throw new InvalidInputError("shares", order.shares, "more than 0");
  return callOf("vault", addresses, "redeem", [order.shares, receiver, owner]);
}

/**
 * Withdraws. Throws like {@link send}.
 * @param order "all" for all shares of the sender as of now.
 */
export async function withdraw(
  connection: MarketConnection,
  order: WithdrawOrder | "all",
  options?: SendOptions,
): Promise<Withdrawn> {
  const sender = await connection.sender();
  const given = order === "all" ? { shares: await sharesOf(connection, sender) } : order;
  const done = await send(connection, withdrawCall(connection.addresses, given, sender), options);
  const { assets, shares } = toldByVault(done, "Withdraw", { sender });
  return { ...done, assets, shares };
}

/** What an owner has of the vault's shares. [share] */
export async function sharesOf(connection: MarketConnection, owner: string): Promise<bigint> {
  const reader = await MarketReader.at(connection);
  return reader.figure("vault", "balanceOf", requireAddress("owner", owner));
}
