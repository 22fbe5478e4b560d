import { MaxUint256 } from "ethers";

import { deployActor } from "./actor.ts";
import { signAuthorization } from "./authorizations.ts";
import { DAY, HOUR } from "./chain.ts";
import { dollars, loanId, openLoan, usdc, waitWithLiveFeeds, WETH, weth, type Market } from "./market.ts";
import { orderFor } from "./margin-calls.ts";

const MONTH = { duration: 30n * DAY, maxRate: MaxUint256 };

/** Terms from their opening to their end in every way, margin calls with and without a sale, credits and signatures. */
export async function playTerms(market: Market): Promise<void> {
  const { vault, book, feeds, borrower, keeper, stranger } = market;
  const me = book.connect(borrower);
  const id = (number: bigint): bigint => loanId(borrower, number);
  const ether = [{ listing: WETH, amount: weth("10") }];
  const refinancing = { term: MONTH, amount: 0n, maxFee: MaxUint256, addFee: false, receiver: borrower };
  const ended = { ...refinancing, term: { duration: 0n, maxRate: 0n } };
  await openLoan(market, { pledges: [[WETH, weth("900")]], amount: usdc("600,000"), owner: stranger });
  await waitWithLiveFeeds(market, 40n * DAY);
  const { authorization, signature } = await signAuthorization(book, borrower, stranger);
  await book.connect(keeper).setAuthorizationWithSig(authorization, signature);
  await me.revokeSignatures();

  for (const number of [1n, 2n, 3n, 4n, 5n]) await me.openTerm(id(number), ether, usdc("14,900"), MONTH, borrower);
  await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("14,900"), number: 6n });
  await waitWithLiveFeeds(market, 3n * DAY + 1n);
  await book.connect(keeper).repay(id(1n), usdc("1,234.567891"));
  await me.refinance(id(2n), ended);
  await me.refinance(id(3n), { ...refinancing, addFee: true, receiver: stranger });
  await me.refinance(id(6n), { ...refinancing, amount: usdc("99.999999"), receiver: stranger });
  await me.close(id(4n), MaxUint256, borrower);
  await vault.flashLoan(await deployActor(market), market.usdc, usdc("1,000"), "0x");

  await feeds.weth.set(dollars("1,840"));
  await book.connect(stranger).callMarginBatch([id(1n), id(2n), id(3n), id(5n), id(6n)]);
  await me.repay(id(5n), usdc("1,000")); // cures
  await waitWithLiveFeeds(market, 25n * HOUR);
  await book.connect(keeper).liquidate(orderFor(id(3n)), "0x"); // to its call line
  await book.connect(stranger).claimCredit(WETH, borrower);
  await waitWithLiveFeeds(market, 12n * HOUR);
  await book.connect(keeper).callMargin(id(2n)); // the first has lapsed
  await feeds.weth.set(dollars("1,700"));
  await waitWithLiveFeeds(market, HOUR);
  await book.connect(keeper).liquidate(orderFor(id(2n)), "0x");
  await feeds.weth.set(dollars("1,400"));
  await book.connect(stranger).liquidateBatch([orderFor(id(3n), WETH, usdc("5,000")), orderFor(id(6n))], "0x");
  await waitWithLiveFeeds(market, 30n * DAY);
  for (const number of [1n, 5n]) await book.connect(stranger).roll(id(number));
}
