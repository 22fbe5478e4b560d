/** Refinancing from design.md a second time: what a loan of either kind owes, and what it is afterwards. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";

import { clock, DAY } from "./chain.ts";
import { loanId, openLoan, usdc, waitWithLiveFeeds, WETH, weth } from "./market.ts";
import { Fraction, WAD, whole } from "./mathematics.ts";
import {
  debtOf,
  expectTermInvariants,
  feeOf,
  figuresOf,
  openTermLoan,
  quoteOf,
  refinancing,
  termMarket,
  useMarket,
  type TermMarket,
} from "./terms.ts";

export type Loans = TermMarket & { open: bigint; fixed: bigint };

/** Two loans of the borrower's 20 days later: 40,000 open-term, and 30,000.000007 for 90 days. Near nine tenths are lent out. */
export async function bothKinds(): Promise<Loans> {
  const market = await termMarket();
  await useMarket(market, 8_700n);
  const open = await openLoan(market, { pledges: [[WETH, weth("200")]], amount: usdc("40,000"), number: 2n });
  const fixed = await openTermLoan(market, { amount: usdc("30,000.000007"), duration: 90n * DAY, number: 3n });
  await waitWithLiveFeeds(market, 20n * DAY);
  return { ...market, open, fixed };
}

export interface Request {
  id: bigint;
  duration: bigint; // 0 for an open term
  amount?: bigint;
  addFee?: boolean;
  caller: HardhatEthersSigner;
  receiver?: HardhatEthersSigner;
}

/** Refinances, and compares everything that it changes with what it should. */
export async function expectRefinanced(market: Loans, request: Request): Promise<{ rate: bigint; fee: bigint }> {
  const { book, vault, open, fixed, whale } = market;
  const { id, duration, amount = 0n, addFee = false, caller, receiver = caller } = request;
  const before = await book.loan(id);
  const wasFixedTerm = before.maturity !== 0n;
  const { index, cash, reserves } = await vault.accruedState();
  const assets = await vault.totalAssets();
  const debt = wasFixedTerm ? debtOf(before) : whole(before.base).times(new Fraction(index, WAD)).ceil();
  const fee = wasFixedTerm ? feeOf(before) : 0n;
  const more = amount + (addFee ? fee : 0n);
  const paid = addFee ? 0n : fee;
  const rate = duration === 0n ? 0n : quoteOf(await figuresOf(market, [open, fixed]), more, duration);
  const maturity = duration === 0n ? 0n : clock.now() + duration;
  const holdings = async (): Promise<bigint[]> =>
    Promise.all([caller, receiver].map(async (holder) => market.usdc.balanceOf(holder)));
  const [ofCaller = 0n, ofReceiver = 0n] = await holdings();

  const order = refinancing(receiver, { duration, amount, addFee, maxRate: rate, maxFee: fee });
  expect(await book.connect(caller).refinance.staticCall(id, order)).to.deep.equal([rate, fee]);
  await expect(book.connect(caller).refinance(id, order))
    .to.emit(book, "Refinanced")
    .withArgs(id, caller.address, receiver.address, amount, fee, addFee, rate, maturity);

  // Its interest is part of its base now.
  const base =
    duration === 0n
      ? whole(debt + more)
          .times(new Fraction(WAD, index))
          .ceil()
      : debt + more;
  const since = duration === 0n ? 0n : clock.now();
  expect(await book.loan(id)).to.deep.equal([base, before.pledged, since, maturity, rate, before.flags]);
  expect((await book.debtOf(id)) - (debt + more)).to.be.within(0n, duration === 0n ? 1n : 0n);

  const after = await vault.state();
  expect(after.cash).to.equal(cash - amount + paid);
  expect(after.reserves).to.equal(reserves + fee); // all of it
  expect((await vault.totalAssets()) - assets).to.be.within(0n, 3n); // INV-03: the roundings of two debts
  const isOther = caller !== receiver;
  expect(await holdings()).to.deep.equal([
    ofCaller - paid + (isOther ? 0n : amount),
    ofReceiver + amount - (isOther ? 0n : paid),
  ]);
  await expectTermInvariants(market, [open, fixed, whale, loanId(market.borrower)]);
  return { rate, fee };
}
