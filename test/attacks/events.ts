import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { MarketHistory } from "../../sdk/src/state/market-history.ts";
import type { MarketState } from "../../sdk/src/state/market-state.ts";
import { deployActor } from "../helpers/actor.ts";
import { signAuthorization } from "../helpers/authorizations.ts";
import { DAY, HOUR, networkHelpers, YEAR } from "../helpers/chain.ts";
import {
  dollars,
  LINK,
  link,
  loanId,
  openLoan,
  standardMarket,
  usdc,
  waitWithLiveFeeds,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { blocksOf, expectOnChain } from "../helpers/state-history.ts";
import { collect, noNames } from "../differential/state-figures.ts";
import { greedyOrder } from "./scene.ts";

const MONTH = { duration: 30n * DAY, maxRate: MaxUint256 };

/** Every kind of call that moves money, with a year of interest in between. */
async function historyOfOpenTerms(market: Market): Promise<void> {
  const { vault, book, feeds, treasurer, lender, borrower, keeper, stranger } = market;
  const first = await openLoan(market, {
    pledges: [
      [WETH, weth("10")],
      [LINK, link("100")],
    ],
    amount: usdc("16,000"),
  });
  const second = await openLoan(market, { pledges: [[WETH, weth("900")]], amount: usdc("900,000"), number: 2n });
  const third = await openLoan(market, { pledges: [[LINK, link("20")]], amount: usdc("150"), owner: stranger });
  await waitWithLiveFeeds(market, YEAR);
  await book.connect(stranger).repay(first, usdc("1,234.567891"));
  await vault.connect(stranger).deposit(usdc("300,000"), stranger);
  await book.connect(borrower).borrow(second, usdc("0.000001"), borrower);
  await waitWithLiveFeeds(market, YEAR / 7n);
  await vault.accrue();
  await book.connect(borrower).pledge(first, WETH, weth("1"));
  await vault.connect(lender).withdraw(usdc("1,000"), lender, lender);
  await vault.connect(treasurer).sweepReserves();
  await feeds.weth.set(dollars("1,500"));
  await book.connect(keeper).liquidate(greedyOrder(first, WETH, usdc("5,000")), "0x");
  await feeds.weth.set(dollars("1,000"));
  await feeds.link.set(dollars("0.2"));
  await book.connect(keeper).liquidateBatch([greedyOrder(first), greedyOrder(second), greedyOrder(first, LINK)], "0x");
  await book.connect(keeper).writeOff(third);
  const fourth = await openLoan(market, { pledges: [[WETH, weth("3")]], amount: usdc("1,000"), owner: stranger });
  await book.connect(stranger).release(fourth, WETH, weth("0.5"), stranger);
  await book.connect(stranger).close(fourth, MaxUint256, stranger);
}

/** Terms from their opening to their end in every way, margin calls with and without a sale, signatures. */
async function historyOfTerms(market: Market): Promise<void> {
  const { vault, book, feeds, borrower, keeper, stranger } = market;
  const me = book.connect(borrower);
  const id = (number: bigint): bigint => loanId(borrower, number);
  const ether = (amount: string) => [{ listing: WETH, amount: weth(amount) }];
  const refinancing = { term: MONTH, amount: 0n, maxFee: MaxUint256, addFee: false, receiver: borrower };
  const ended = { ...refinancing, term: { duration: 0n, maxRate: 0n } };
  await openLoan(market, { pledges: [[WETH, weth("900")]], amount: usdc("600,000"), owner: stranger });
  await waitWithLiveFeeds(market, 40n * DAY);
  const { authorization, signature } = await signAuthorization(book, borrower, stranger);
  await book.connect(keeper).setAuthorizationWithSig(authorization, signature);
  await me.revokeSignatures();

  for (const number of [1n, 2n, 3n, 4n, 5n])
    await me.openTerm(id(number), ether("10"), usdc("14,900"), MONTH, borrower);
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
  await book.connect(keeper).liquidate(greedyOrder(id(3n)), "0x"); // to its call line
  await book.connect(stranger).claimCredit(WETH, borrower);
  await waitWithLiveFeeds(market, 12n * HOUR);
  await book.connect(keeper).callMargin(id(2n)); // the first has lapsed
  await feeds.weth.set(dollars("1,700"));
  await waitWithLiveFeeds(market, HOUR);
  await book.connect(keeper).liquidate(greedyOrder(id(2n)), "0x");
  await feeds.weth.set(dollars("1,400"));
  await book.connect(stranger).liquidateBatch([greedyOrder(id(3n), WETH, usdc("5,000")), greedyOrder(id(6n))], "0x");
  await waitWithLiveFeeds(market, 30n * DAY);
  for (const number of [1n, 5n]) await book.connect(stranger).roll(id(number));
  await me.repay(id(5n), usdc("700"));
}

/** What the SDK rebuilds of a market from its logs and block times alone. */
async function expectRebuilt(market: Market): Promise<MarketState> {
  const history = new MarketHistory();
  const names = noNames();
  const blocks = await blocksOf(market);
  for (const block of blocks) {
    history.applyBlock(block);
    for (const event of block.logs) collect(names, event);
  }
  const last = blocks.findLast(({ logs }) => logs.length !== 0);
  if (last === undefined) throw new Error("A market has logs.");
  await expectOnChain(market, history.state, last, names);
  return history.state;
}

describe("An indexer that sees nothing but events", () => {
  it("rebuilds the market to the unit: open terms, liquidations and losses", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    await market.usdc.mint(market.keeper, usdc("2,000,000"));
    await historyOfOpenTerms(market);
    const { loans } = await expectRebuilt(market);
    expect(loans.size, "all were closed, sold or written off").to.equal(0);
  });

  it("rebuilds the market to the unit: fixed terms, margin calls and credits", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    await market.usdc.mint(market.keeper, usdc("2,000,000"));
    await historyOfTerms(market);
    const { loans, credits, operators } = await expectRebuilt(market);
    const owing = [...loans.values()].filter(({ base }) => base !== 0n);
    expect(owing.map(({ maturity }) => maturity !== 0n)).to.include.members([true, false]);
    expect(owing.some(({ call }) => call !== undefined)).to.equal(true);
    expect(credits.size).to.be.above(0);
    expect(operators.size).to.equal(1);
  });
});
