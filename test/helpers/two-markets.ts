/** Two markets of the same tokens, and loans that could be moved from one to the other. */
import { DAY } from "./chain.ts";
import type { LenderVault, LoanBook } from "./contracts.ts";
import { deployMover, HALF_BITCOIN, type LoanMover } from "./flash-actors.ts";
import {
  deployCore,
  dollars,
  FEED_AGE,
  fund,
  loanAssetFeedConfig,
  loanId,
  MAJOR_TERMS,
  openLoan,
  standardMarket,
  usdc,
  waitWithLiveFeeds,
  WBTC,
  wbtc,
  WETH,
  weth,
  type Market,
} from "./market.ts";
import { openTermLoan, termMarket, type TermMarket } from "./terms.ts";

/** The other market: the same tokens, but its book numbers them the other way round. */
export const NEW_WBTC = 0n;
export const NEW_WETH = 1n;
export const BOTH = [
  { oldListing: WETH, newListing: NEW_WETH },
  { oldListing: WBTC, newListing: NEW_WBTC },
];

export interface Other {
  other: Market;
  mover: LoanMover;
}

export type MovingScene = Market & Other & { id: bigint; newId: bigint };

/** Another market of the same tokens with half a million to lend, where the borrower lets the mover act, as in the first. */
async function addOther(market: Market): Promise<Other> {
  const { deployer, treasury, lender, borrower, feeds, usdc: asset } = market;
  const ether = { feed: feeds.weth, maxAge: FEED_AGE, minAnswer: dollars("10"), maxAnswer: dollars("100,000") };
  const bitcoin = { feed: feeds.wbtc, maxAge: FEED_AGE, minAnswer: dollars("100"), maxAnswer: dollars("5,000,000") };
  const core: { vault: LenderVault; book: LoanBook } = await deployCore({
    ...{ deployer, treasury, asset, depositCap: usdc("10,000,000"), minDebt: usdc("100") },
    ...{ feed: loanAssetFeedConfig(feeds.usdc), peg: dollars("1") },
    listings: [
      { token: market.wbtc, terms: MAJOR_TERMS, feed: bitcoin, cap: wbtc("500") },
      { token: market.weth, terms: MAJOR_TERMS, feed: ether, cap: weth("5,000") },
    ],
  });
  await fund(lender, core.vault, [[asset, usdc("500,000")]]);
  await core.vault.connect(lender).deposit(usdc("500,000"), lender);
  const mover = await deployMover(market.book, core.book);
  for (const book of [market.book, core.book]) await book.connect(borrower).setAuthorization(mover, true);
  return { other: { ...market, ...core }, mover: mover.connect(borrower) };
}

/** 10,000 drawn a month ago against 10 ether and half a bitcoin. */
export async function twoMarkets(): Promise<MovingScene> {
  const market = await standardMarket();
  const pledges: [bigint, bigint][] = [
    [WETH, weth("10")],
    [WBTC, HALF_BITCOIN],
  ];
  const id = await openLoan(market, { pledges, amount: usdc("10,000") });
  await waitWithLiveFeeds(market, 30n * DAY);
  return { ...market, ...(await addOther(market)), id, newId: loanId(market.borrower, 5n) };
}

/** 50,000 for 90 days, a month ago, against 200 ether. */
export async function twoMarketsWithTerm(): Promise<TermMarket & Other & { id: bigint }> {
  const market = await termMarket();
  const id = await openTermLoan(market, { amount: usdc("50,000"), duration: 90n * DAY });
  await waitWithLiveFeeds(market, 30n * DAY);
  return { ...market, ...(await addOther(market)), id };
}
