import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { MarketHistory } from "../../sdk/src/state/market-history.ts";
import type { MarketState } from "../../sdk/src/state/market-state.ts";
import { networkHelpers, YEAR } from "../helpers/chain.ts";
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
import { playTerms } from "../helpers/terms-story.ts";
import { blocksOf, expectOnChain } from "../helpers/state-history.ts";
import { collect, noNames } from "../differential/state-figures.ts";
import { greedyOrder } from "./scene.ts";

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
    await playTerms(market);
    await market.book.connect(market.borrower).repay(loanId(market.borrower, 5n), usdc("700"));
    const { loans, credits, operators } = await expectRebuilt(market);
    const owing = [...loans.values()].filter(({ base }) => base !== 0n);
    expect(owing.map(({ maturity }) => maturity !== 0n)).to.include.members([true, false]);
    expect(owing.some(({ call }) => call !== undefined)).to.equal(true);
    expect(credits.size).to.be.above(0);
    expect(operators.size).to.equal(1);
  });
});
