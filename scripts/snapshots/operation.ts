import { MaxUint256, type ContractTransactionResponse } from "ethers";

import type { ILoanBook } from "../../typechain-types/LoanBook.ts";
import { weth } from "./bench-ground.ts";
import { loanId, WETH, type BenchMarket } from "./bench-market.ts";

export type Send = (market: BenchMarket) => Promise<ContractTransactionResponse>;
export type Prepare = (market: BenchMarket) => Promise<unknown>;

/** Something that people do, in one transaction. */
export interface Operation {
  readonly name: string;
  readonly send: Send;
  /** Whether it asks feeds, and so costs more with dearer ones. */
  readonly readsFeeds: boolean;
  /** What has happened before it, besides what the market has seen for every operation. */
  readonly prepare: Prepare | undefined;
  /** What ether has fallen to before it, if it has. [1e-8 USD] */
  readonly wethPrice: bigint | undefined;
}

/** A number that no loan has. */
export const NEW_LOAN = 7n;

/** Until when a signature is good: long after all that is measured. [s] */
export const DEADLINE = BigInt(Date.UTC(2027, 0, 1)) / 1000n;

export const TEN_ETHER = [{ listing: WETH, amount: weth("10") }];

/** A keeper's order for one of the neighbour's loans: as much as there is to take. */
export function order({ neighbour }: Pick<BenchMarket, "neighbour">, number: bigint): ILoanBook.OrderStruct {
  return { id: loanId(neighbour, number), listing: WETH, maxRepay: MaxUint256, minSeized: 0n };
}

export function unpriced(name: string, send: Send, prepare?: Prepare): Operation {
  return { name, send, readsFeeds: false, prepare, wethPrice: undefined };
}

export function priced(name: string, send: Send, prepare?: Prepare): Operation {
  return { name, send, readsFeeds: true, prepare, wethPrice: undefined };
}

/** @param wethPrice [1e-8 USD] */
export function afterFall(name: string, wethPrice: bigint, send: Send, prepare?: Prepare): Operation {
  return { name, send, readsFeeds: true, prepare, wethPrice };
}
