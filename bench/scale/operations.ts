import { MaxUint256 } from "ethers";

import { dollars, usdc, weth } from "../../scripts/snapshots/bench-ground.ts";
import { loanId, type BenchMarket } from "../../scripts/snapshots/bench-market.ts";
import { NEW_LOAN, priced, type Operation } from "../../scripts/snapshots/operation.ts";
import { giveToken, type LastListing } from "./crowd.ts";

/** Brings the loan above its liquidation line. [1e-8 USD] */
const FALLEN = dollars("1100");

/**
 * Operations on a loan that pledges what was listed last. Those of the gas snapshot pledge the first listings, and would not notice
 * if what comes later cost more.
 */
export function lastListingOperations({ number, feed }: LastListing): Operation[] {
  const pledges = [{ listing: number, amount: weth("10") }];
  const open = async ({ book, borrower }: BenchMarket) =>
    book.connect(borrower).open(loanId(borrower, NEW_LOAN), pledges, usdc("10000"), borrower);
  const equip = async (market: BenchMarket): Promise<void> =>
    giveToken(market, (await market.book.listings(number)).token, market.borrower);
  const openBefore = async (market: BenchMarket): Promise<void> => {
    await equip(market);
    await market.chain.send(async () => open(market));
  };
  const fallBefore = async (market: BenchMarket): Promise<void> => {
    await openBefore(market);
    await market.chain.send(async () => feed.set(FALLEN));
  };
  return [
    priced("open-last-listing", open, equip),
    priced(
      "borrow-last-listing",
      async ({ book, borrower }) => book.connect(borrower).borrow(loanId(borrower, NEW_LOAN), usdc("1000"), borrower),
      openBefore,
    ),
    priced(
      "release-last-listing",
      async ({ book, borrower }) =>
        book.connect(borrower).release(loanId(borrower, NEW_LOAN), number, weth("1"), borrower),
      openBefore,
    ),
    priced(
      "call-last-listing",
      async ({ book, lender, borrower }) => book.connect(lender).callMargin(loanId(borrower, NEW_LOAN)),
      fallBefore,
    ),
    priced(
      "liquidate-last-listing",
      async ({ book, keeper, borrower }) => {
        const order = { id: loanId(borrower, NEW_LOAN), listing: number, maxRepay: MaxUint256, minSeized: 0n };
        return book.connect(keeper).liquidate(order, "0x");
      },
      fallBefore,
    ),
  ];
}
