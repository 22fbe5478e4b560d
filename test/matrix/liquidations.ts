/** What liquidators do, at any decimals. Each scenario returns the loans that it made. */
import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { DAY } from "../helpers/chain.ts";
import { NO_LOAN } from "../helpers/loans.ts";
import { dollars, loanId, openLoan, waitWithLiveFeeds, wbtc, WBTC, WETH } from "../helpers/market.ts";
import {
  bps,
  debtOf,
  Fraction,
  liquidation,
  line,
  ONE,
  totalAssets,
  whole,
  type PledgeFigures,
} from "../helpers/mathematics.ts";
import { bitcoinPledge, etherPledge, loanOf, TWO_SOURCES, unitOf, type Sized, type SizedWithSecond } from "./market.ts";

interface Trade {
  repaid: bigint;
  seized: bigint;
}

/** Liquidates and returns what moved, which the balances of all sides confirm. */
async function liquidateFor(
  { book, vault, keeper, usdc: token, weth, wbtc: bitcoin }: Sized,
  id: bigint,
  { listing = WETH, maxRepay = MaxUint256 }: { listing?: bigint; maxRepay?: bigint } = {},
): Promise<Trade> {
  const collateral = listing === WBTC ? bitcoin : weth;
  const [purse, chest, cash] = [
    await token.balanceOf(keeper),
    await collateral.balanceOf(keeper),
    (await vault.state()).cash,
  ];
  const order = { id, listing, maxRepay, minSeized: 0n };
  const { repaid, seized } = await book.connect(keeper).liquidate.staticCall(order, "0x");
  await book.connect(keeper).liquidate(order, "0x");
  expect(purse - (await token.balanceOf(keeper))).to.equal(repaid);
  expect((await vault.state()).cash - cash).to.equal(repaid);
  expect((await collateral.balanceOf(keeper)) - chest).to.equal(seized);
  return { repaid, seized };
}

/**
 * The bonus rounds down to its eighteenth digit, against the liquidator: he may be asked for a unit more, and gets what units
 * buy.
 */
function expectTrade(actual: Trade, expected: Trade, taken: PledgeFigures): void {
  expectRepaid(actual.repaid, expected.repaid);
  const tokens = whole(unitOf(expected.repaid) + 1n)
    .over(taken.price)
    .ceil();
  expect(actual.seized).to.be.within(expected.seized - tokens, expected.seized + tokens);
}

function expectRepaid(actual: bigint, expected: bigint): void {
  const unit = unitOf(expected);
  expect(actual).to.be.within(expected - unit + 1n, expected + unit);
}

/** Back to the borrow limit: 2 % above the line, the bonus is 1 %. */
export async function liquidateToLimit(market: Sized): Promise<bigint[]> {
  const { book, asset, ether, setPrice, minDebt } = market;
  const id = await openLoan(market, { pledges: [[WETH, ether(100n)]], amount: asset(153_510n) });
  await setPrice("1,750");
  const pledge = etherPledge(market, ether(100n), "1,750");
  const loan = loanOf(asset(153_510n), pledge);

  const trade = await liquidateFor(market, id);

  expectTrade(trade, liquidation(loan, pledge, { minDebt }), pledge);
  const { debt, borrowLimit, liquidationLine } = await book.healthOf(id);
  expect(debt).to.equal(asset(153_510n) - trade.repaid);
  // Tokens without decimals are taken in whole pieces: the loan keeps up to one more than it must.
  expect(borrowLimit - debt).to.be.within(-2n, pledge.price.ceil() + unitOf(debt) + 1n);
  expect(debt).to.be.below(liquidationLine);
  return [id];
}

/** As much as the liquidator pays for, twice in a row, after interest. */
export async function liquidateInParts(market: Sized): Promise<bigint[]> {
  const { book, vault, asset, ether, setPrice, minDebt } = market;
  const id = await openLoan(market, { pledges: [[WETH, ether(100n)]], amount: asset(153_510n) });
  await waitWithLiveFeeds(market, 60n * DAY);
  await setPrice("1,745.11");
  let pledged = ether(100n);
  for (const maxRepay of [asset(20_000n) + 1n, asset(30_000n) + 3n]) {
    const { base } = await book.loan(id);
    const { index } = await vault.accruedState();
    const pledge = etherPledge(market, pledged, "1,745.11");
    const loan = loanOf(debtOf(base, index), pledge);
    const trade = await liquidateFor(market, id, { maxRepay });

    const expected = liquidation(loan, pledge, { minDebt, maxRepay });
    expect(expected.repaid).to.equal(maxRepay);
    expect(trade.repaid).to.equal(maxRepay);
    // Once there is interest, a payment retires a unit less, and only what it retires is paid with collateral.
    const unit = whole(unitOf(maxRepay) + 2n);
    expect(trade.seized).to.be.within(expected.seized - unit.over(pledge.price).ceil(), expected.seized);
    const left = debtOf(
      base -
        whole(maxRepay)
          .times(new Fraction(10n ** 18n, index))
          .floor(),
      index,
    );
    expect(await book.debtOf(id)).to.equal(left);
    pledged -= trade.seized;
    expect(await book.pledgeOf(id, WETH)).to.equal(pledged);
  }
  return [id];
}

/** All of it where less than the smallest loan would remain. */
export async function liquidateWhole(market: Sized): Promise<bigint[]> {
  const { book, borrower, weth: collateral, asset, ether, setPrice, minDebt } = market;
  const id = await openLoan(market, { pledges: [[WETH, ether(1n, 8n)]], amount: asset(190n) });
  await setPrice("1,700");
  const pledge = etherPledge(market, ether(1n, 8n), "1,700");
  const loan = loanOf(asset(190n), pledge);

  const trade = await liquidateFor(market, id);

  const expected = liquidation(loan, pledge, { minDebt });
  expect(expected.repaid).to.equal(asset(190n));
  expect(trade.repaid).to.equal(asset(190n));
  expectTrade(trade, expected, pledge);
  expect(await book.debtOf(id)).to.equal(0n);
  await book.connect(borrower).release(id, WETH, MaxUint256, borrower);
  expect(await collateral.balanceOf(borrower)).to.equal(ether(10_000n) - trade.seized);
  return [id];
}

/** Of two pledges the named one, and whole where the limit allows more than it is worth. */
export async function liquidateOneOfTwo(market: Sized): Promise<bigint[]> {
  const { book, feeds, asset, ether, setPrice, minDebt } = market;
  const amounts: [bigint, bigint] = [ether(1n), wbtc("0.3")];
  const id = await openLoan(market, {
    pledges: [
      [WETH, amounts[0]],
      [WBTC, amounts[1]],
    ],
    amount: asset(15_480n),
  });
  await setPrice("1,717.17");
  await feeds.wbtc.set(dollars("51,510"));
  const pledges: [PledgeFigures, PledgeFigures] = [
    etherPledge(market, amounts[0], "1,717.17"),
    bitcoinPledge(market, amounts[1], "51,510"),
  ];
  const loan = loanOf(asset(15_480n), ...pledges);

  const expected = liquidation(loan, pledges[0], { minDebt });
  expect(expected.seized).to.equal(amounts[0]);
  const trade = await liquidateFor(market, id);
  expect(trade.seized).to.equal(amounts[0]);
  expectTrade(trade, expected, pledges[0]);
  expect((await book.loan(id)).pledged).to.equal(1n << WBTC);

  // What remains is one loan with one pledge, and follows the same rule.
  const rest = loanOf(asset(15_480n) - trade.repaid, pledges[1]);
  expect(line(rest, "liquidationLtv").floor()).to.be.below(rest.debt);
  const second = await liquidateFor(market, id, { listing: WBTC });
  expectTrade(second, liquidation(rest, pledges[1], { minDebt }), pledges[1]);
  return [id];
}

/** Three loans in one call, the one in order is skipped: what moves is the sum. */
export async function liquidateBatch(market: Sized): Promise<bigint[]> {
  const { book, borrower, stranger, keeper, usdc: token, weth: collateral, asset, ether, setPrice, minDebt } = market;
  const debts = [asset(15_351n), asset(10_000n), asset(15_600n)];
  const loans: bigint[] = [];
  for (const [n, amount] of debts.entries()) {
    const owner = n === 2 ? stranger : borrower;
    loans.push(await openLoan(market, { pledges: [[WETH, ether(10n)]], amount, owner, number: BigInt(n + 1) }));
  }
  await setPrice("1,751.33");
  const pledge = etherPledge(market, ether(10n), "1,751.33");
  const [first, , third] = debts.map((debt) => liquidation(loanOf(debt, pledge), pledge, { minDebt }));
  if (first === undefined || third === undefined) throw new RangeError("There are three loans.");

  const [purse, chest] = [await token.balanceOf(keeper), await collateral.balanceOf(keeper)];
  const orders = loans.map((id) => ({ id, listing: WETH, maxRepay: MaxUint256, minSeized: 0n }));
  const { repaid, filled } = await book.connect(keeper).liquidateBatch.staticCall(orders, "0x");
  expect(filled).to.equal(2n);
  await book.connect(keeper).liquidateBatch(orders, "0x");

  const trade = { repaid, seized: (await collateral.balanceOf(keeper)) - chest };
  expect(purse - (await token.balanceOf(keeper))).to.equal(repaid);
  const [id, healthy, other] = loans.map(async (loan) => book.debtOf(loan));
  expect(await healthy).to.equal(asset(10_000n));
  for (const [left, debt, expected] of [
    [id, debts[0], first],
    [other, debts[2], third],
  ] as const) {
    const one = (debt ?? 0n) - ((await left) ?? 0n);
    expectRepaid(one, expected.repaid);
  }
  const tokens = whole(2n * unitOf(repaid) + 2n)
    .over(pledge.price)
    .ceil();
  const seized = first.seized + third.seized;
  expect(trade.seized).to.be.within(seized - tokens, seized + tokens);
  return loans;
}

/** An insolvent loan: the pledge goes for its value less 1 %, the rest is lost to reserves first, then to the lenders. */
export async function loseSome(market: Sized): Promise<bigint[]> {
  const { book, vault, asset, ether, setPrice } = market;
  const large = await openLoan(market, { pledges: [[WETH, ether(1_000n)]], amount: asset(700_000n), number: 2n });
  const id = await openLoan(market, { pledges: [[WETH, ether(100n)]], amount: asset(151_500n) });
  await waitWithLiveFeeds(market, 30n * DAY);
  await vault.accrue();
  const before = await vault.state();
  const price = await vault.convertToAssets(10n ** 24n);
  const debt = await book.debtOf(id);
  await setPrice("1,010");

  const { repaid, seized } = await liquidateFor(market, id);

  expect(repaid).to.equal(asset(100_000n)); // 101,000 / 1.01
  expect(seized).to.equal(ether(100n));
  expect(await book.loan(id)).to.deep.equal(NO_LOAN);
  const after = await vault.state();
  const scaled = asset(151_500n);
  expect(after.scaledDebt).to.equal(before.scaledDebt - scaled);
  const loss = debt - repaid;
  const borne = totalAssets(before) - totalAssets(after);
  // The loan's debt is rounded up, and so is what is left of it after the payment; the vault's sum is rounded down.
  expect(before.reserves - after.reserves + borne).to.be.within(loss - 2n, loss + 1n);
  expect(after.reserves).to.equal(0n);
  expect(before.reserves).to.be.above(0n);
  expect(await vault.convertToAssets(10n ** 24n)).to.be.below(price);
  return [large, id];
}

/** Pledges worth less than a twentieth of the smallest loan are anyone's, and the debt is lost. */
export async function writeOffWorthless(market: Sized): Promise<bigint[]> {
  const { book, vault, stranger, weth: collateral, asset, ether, setPrice } = market;
  const id = await openLoan(market, { pledges: [[WETH, ether(1n, 8n)]], amount: asset(190n) });
  await setPrice("40"); // exactly 5, a twentieth of 100
  await expect(book.connect(stranger).writeOff(id))
    .to.be.revertedWithCustomError(book, "NotWorthless")
    .withArgs(id, asset(5n), asset(5n));
  await setPrice("39.99");
  await expect(book.connect(stranger).writeOff(id)).to.emit(vault, "LossBooked").withArgs(asset(190n), 0n);
  expect(await collateral.balanceOf(stranger)).to.equal(ether(10_000n) + ether(1n, 8n));
  expect(await vault.totalAssets()).to.equal(asset(1_000_000n) - asset(190n));
  expect(await book.loan(id)).to.deep.equal(NO_LOAN);
  return [id];
}

/** Two sources: the lower one lends, the higher one judges, and where they are apart a pledge goes at the higher less 2 %. */
export async function trustTwoSources(market: SizedWithSecond): Promise<bigint[]> {
  const { book, borrower, second, asset, ether, answer, setPrice, minDebt } = market;
  await second.set(answer("1,980")); // 1 % apart
  const limit = line(loanOf(0n, etherPledge(market, ether(10n), "1,980")), "borrowLtv").floor();
  const id = loanId(borrower);
  const pledges = [{ listing: TWO_SOURCES, amount: ether(10n) }];
  await expect(book.connect(borrower).open(id, pledges, limit + 1n, borrower))
    .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
    .withArgs(limit + 1n, limit);
  await book.connect(borrower).open(id, pledges, limit, borrower);
  const high = loanOf(limit, etherPledge(market, ether(10n), "2,000"));
  expect((await book.healthOf(id)).liquidationLine).to.equal(line(high, "liquidationLtv").floor());

  // Apart: nothing to borrow against, judged by the higher, seized at 2 % below it.
  await setPrice("1,700");
  await second.set(answer("1,600"));
  const health = await book.healthOf(id);
  expect(health.borrowLimit).to.equal(0n);
  const pledge = etherPledge(market, ether(10n), "1,700");
  const loan = loanOf(limit, pledge);
  expect(health.liquidationLine).to.equal(line(loan, "liquidationLtv").floor());

  const maxRepay = asset(1_000n);
  const { repaid, seized } = await liquidateFor(market, id, { listing: TWO_SOURCES, maxRepay });
  expect(repaid).to.equal(maxRepay);
  // β = (1 + slope × (D / L − 1)) / 0.98 − 1, within the equity: V / D is 1.10.
  const depth = whole(limit).over(line(loan, "liquidationLtv")).minus(ONE);
  const steep = bps(pledge.terms.bonusSlope).times(depth);
  const factor = ONE.plus(steep).over(bps(9_800n));
  const expected = whole(repaid).times(factor).over(pledge.price).floor();
  const tokens = whole(unitOf(repaid)).over(pledge.price).ceil() + 1n;
  expect(seized).to.be.within(expected - tokens, expected);
  expect(await book.debtOf(id)).to.equal(limit - repaid);
  expect(minDebt).to.be.below(limit - repaid);
  return [id];
}
