import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { deployActor } from "../helpers/actor.ts";
import { signAuthorization } from "../helpers/authorizations.ts";
import { DAY, HOUR, networkHelpers, YEAR } from "../helpers/chain.ts";
import { expectRebuilt, readEvents } from "../helpers/event-ledger.ts";
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
import { greedyOrder } from "./scene.ts";

const MONTH = { duration: 30n * DAY, maxRate: MaxUint256 };

/** Every kind of call that moves money, with a year of interest in between. */
async function history(market: Market): Promise<bigint[]> {
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
  return [first, second, third, fourth, loanId(borrower, 9n)];
}

/** Terms from their opening to their end in every way, margin calls with and without a sale, signatures. */
async function historyOfTerms(market: Market): Promise<bigint[]> {
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
  return [0n, 1n, 2n, 3n, 4n, 5n, 6n].map(id);
}

describe("An indexer that sees nothing but events", () => {
  for (const [title, live] of [
    ["open terms, liquidations and losses", history],
    ["fixed terms, margin calls and credits", historyOfTerms],
  ] as const) {
    it(`rebuilds loans, pledges, calls, credits and the vault's sums to the unit: ${title}`, async () => {
      const market = await networkHelpers.loadFixture(standardMarket);
      const { borrower, keeper, stranger } = market;
      await market.usdc.mint(keeper, usdc("2,000,000"));
      const ids = [...(await live(market)), loanId(stranger)];
      await expectRebuilt(market, await readEvents(market), ids, [borrower, keeper, stranger]);
    });
  }

  it("has seen a loan of either kind, a call and a credit among them", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    await historyOfTerms(market);
    const ledger = await readEvents(market);
    const loans = [...ledger.loans.values()].filter(({ base }) => base !== 0n);
    expect(loans.map(({ maturity }) => maturity !== 0n)).to.include.members([true, false]);
    expect(ledger.calls.size).to.be.above(0);
    expect([...ledger.credits.values()].filter((credit) => credit !== 0n).length).to.be.above(0);
    expect(ledger.operators.size).to.equal(1);
  });
});
