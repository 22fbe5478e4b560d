/** Margin calls and what is sold past their deadline, at any decimals. Each scenario returns the loans that it made. */
import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";

import { clock, HOUR } from "../helpers/chain.ts";
import { beta, creditOf, CURE, LAPSE } from "../helpers/margin-calls.ts";
import { MAJOR_TERMS, openLoan, waitWithLiveFeeds, WETH } from "../helpers/market.ts";
import { bps, line, ONE, whole } from "../helpers/mathematics.ts";
import { etherPledge, loanOf, unitOf, type Sized } from "./market.ts";

const PRICE = "1,800";
const NO_CALL = [ZeroAddress, 0n, 0n, 0n];

/** A loan half way between its lines, 144,000 and 154,800, whose margin the stranger has called. */
async function called(market: Sized): Promise<bigint> {
  const { book, stranger, asset, ether, setPrice } = market;
  const id = await openLoan(market, { pledges: [[WETH, ether(100n)]], amount: asset(149_400n) });
  await setPrice(PRICE);
  await book.connect(stranger).callMargin(id);
  const deadline = clock.now() + CURE;
  expect(await book.marginCallOf(id)).to.deep.equal([stranger.address, clock.now(), deadline, deadline + LAPSE]);
  return id;
}

/** A unit above the call line it stands, at the line it is over. */
export async function callAndCure(market: Sized): Promise<bigint[]> {
  const { book, borrower, asset, ether } = market;
  const id = await called(market);
  const callLine = asset(144_000n);
  expect(line(loanOf(0n, etherPledge(market, ether(100n), PRICE)), "callLtv")).to.deep.equal(whole(callLine));
  await book.connect(borrower).repay(id, asset(149_400n) - callLine - 1n);
  expect(await book.debtOf(id)).to.equal(callLine + 1n);
  expect((await book.loan(id)).flags).to.equal(1n);
  await book.connect(borrower).repay(id, 1n);
  expect(await book.debtOf(id)).to.equal(callLine);
  expect(await book.marginCallOf(id)).to.deep.equal(NO_CALL);
  expect((await book.loan(id)).flags).to.equal(0n);
  return [id];
}

/** An hour past the deadline; the caller's part is claimed. */
export async function sellToCallLine(market: Sized): Promise<bigint[]> {
  const { book, keeper, stranger, treasury, usdc: token, weth: collateral, ether } = market;
  const id = await called(market);
  await waitWithLiveFeeds(market, CURE + HOUR);
  const debt = await book.debtOf(id);
  const pledge = etherPledge(market, ether(100n), PRICE);
  const loan = loanOf(debt, pledge);
  const bonus = beta(loan, pledge, HOUR);
  const price = pledge.price.over(ONE.plus(bonus));
  const excess = whole(debt).minus(line(loan, "callLtv"));
  const most = excess.over(ONE.minus(bps(MAJOR_TERMS.callLtv).times(ONE.plus(bonus)))).ceil();

  const order = { id, listing: WETH, maxRepay: MaxUint256, minSeized: 0n };
  const [purse, chest] = [await token.balanceOf(keeper), await collateral.balanceOf(keeper)];
  await book.connect(keeper).liquidate(order, "0x");
  const repaid = purse - (await token.balanceOf(keeper));
  const seized = ether(100n) - (await book.pledgeOf(id, WETH));
  const credit = await book.creditOf(stranger, WETH);
  expect((await collateral.balanceOf(keeper)) - chest).to.equal(seized - credit);

  // The bonus rounds down to its eighteenth digit, and a payment may retire a unit less than it is.
  expect(repaid).to.be.within(most - unitOf(most) + 1n, most + unitOf(most));
  const unit = whole(unitOf(most) + 2n)
    .over(price)
    .ceil();
  const bought = whole(most).over(price).floor();
  expect(seized).to.be.within(bought - unit, bought + unit);
  const exact = creditOf(seized, bonus);
  expect(exact).to.be.above(0n);
  expect(credit).to.be.within(exact - 1n - seized / 10n ** 18n, exact);

  const { debt: left, callLine } = await book.healthOf(id);
  expect(left - (debt - repaid)).to.be.within(0n, 1n);
  // Tokens without decimals are taken in whole pieces: the loan keeps up to one more than it must.
  expect(callLine - left).to.be.within(-2n, pledge.price.ceil() + unitOf(left) + 1n);
  expect((await book.loan(id)).flags).to.equal(1n); // it stands until it lapses

  await book.connect(stranger).claimCredit(WETH, treasury);
  expect(await collateral.balanceOf(treasury)).to.equal(credit);
  expect(await book.creditOf(stranger, WETH)).to.equal(0n);
  return [id];
}
