/** Liquidating loans above their lines, and writing off what is worthless. Anybody may. */
import { isHexString } from "ethers";

import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import { requireLoanId } from "../market/loan-id.ts";
import type { LiquidationOrder } from "../math/liquidation-preview.ts";
import type { MarketEvent } from "../state/events.ts";
import type { CallRequest } from "./call-request.ts";
import type { MarketConnection } from "./connection.ts";
import { callOf } from "./contracts.ts";
import { assetApproval, requireListing } from "./orders.ts";
import { allTold, send, told, type Done, type SendOptions } from "./send.ts";

/** What a liquidator orders of one loan. */
export type LoanLiquidation = LiquidationOrder & { readonly id: bigint };

/** One loan, which is liquidated or the call fails; or many, of which those that cannot be filled as ordered are skipped. */
export type LiquidateOrder = (LoanLiquidation | { readonly orders: readonly LoanLiquidation[] }) & {
  /** What the sender, a contract, is called back with before it pays; `0x`, which is none, by default. */
  readonly data?: string | undefined;
};

/** What was sold of one loan. */
export interface Fill {
  /** The loan. */
  readonly id: bigint;
  /** Its number. */
  readonly listing: number;
  /** [asset] */
  readonly repaid: bigint;
  /** What the liquidator got, without the credit. [token] */
  readonly seized: bigint;
  /** What the margin call's caller was credited. [token] */
  readonly credit: bigint;
  /** The debt that was lost with the last pledge. [asset] */
  readonly writtenOff: bigint;
  /** Whether it was filled for a margin call that was due. */
  readonly isSoft: boolean;
}

/** What came of it. */
export interface Liquidated extends Done {
  /** What the liquidator paid in all. [asset] */
  readonly repaid: bigint;
  /** What was sold of each loan, in the order in which it was. */
  readonly fills: readonly Fill[];
}

/** What writing off came to. */
export interface WrittenOff extends Done {
  /** What was lost. [asset] */
  readonly debt: bigint;
}

/** `LoanBook.liquidate`, or `liquidateBatch` for many. */
export function liquidateCall(addresses: MarketAddresses, order: LiquidateOrder): CallRequest {
  const { data = "0x" } = order;
  if (!isHexString(data) || data.length % 2 !== 0)
    throw new InvalidInputError("data", data, "whole bytes as hex digits");
  const orders = ("orders" in order ? order.orders : [order]).map(checked);
  if (orders.length === 0) throw new InvalidInputError("orders", orders, "at least one");
  const approvals = orders.map(({ maxRepay }) => assetApproval(addresses, maxRepay));
  return "orders" in order
    ? callOf("book", addresses, "liquidateBatch", [orders, data], approvals)
    : callOf("book", addresses, "liquidate", [orders[0], data], approvals);
}

/** Liquidates. Throws like {@link send}. */
export async function liquidate(
  connection: MarketConnection,
  order: LiquidateOrder,
  options?: SendOptions,
): Promise<Liquidated> {
  const liquidator = await connection.sender();
  const done = await send(connection, liquidateCall(connection.addresses, order), options);
  const fills = salesIn(done).flatMap((events) => {
    const [sale] = allTold({ events }, "Liquidated", { liquidator });
    if (sale === undefined) return [];
    const { id, listing, repaid, seized, writtenOff, isSoft } = sale;
    const credit = allTold({ events }, "Credited", { id, listing })[0]?.amount ?? 0n;
    return [{ id, listing, repaid, seized: seized - credit, credit, writtenOff, isSoft }];
  });
  return { ...done, repaid: fills.reduce((sum, { repaid }) => sum + repaid, 0n), fills };
}

/** The events of each sale: it is told, then its credit, before the next. One order may sell what another has left of the same pledge. */
function salesIn({ events }: Done): MarketEvent[][] {
  const starts = events.flatMap(({ name }, place) => (name === "Liquidated" ? [place] : []));
  return starts.map((start, sale) => events.slice(start, starts[sale + 1]));
}

/** `LoanBook.writeOff`. */
export function writeOffCall(addresses: MarketAddresses, { id }: { readonly id: bigint }): CallRequest {
  return callOf("book", addresses, "writeOff", [requireLoanId("id", id)]);
}

/** Takes the pledges of a loan that are hardly worth anything, and has the rest of it written off. Throws like {@link send}. */
export async function writeOff(
  connection: MarketConnection,
  order: { readonly id: bigint },
  options?: SendOptions,
): Promise<WrittenOff> {
  const taker = await connection.sender();
  const done = await send(connection, writeOffCall(connection.addresses, order), options);
  return { ...done, debt: told(done, "WrittenOff", { id: order.id, taker }).debt };
}

function checked({ id, listing, maxRepay, minSeized }: LoanLiquidation): LoanLiquidation {
  return {
    id: requireLoanId("id", id),
    listing: requireListing("listing", listing),
    maxRepay: requireUint("maxRepay", maxRepay),
    minSeized: requireUint("minSeized", minSeized),
  };
}
