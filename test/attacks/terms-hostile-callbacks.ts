import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { AMPLE_GAS, deployActor, encode } from "../helpers/actor.ts";
import { networkHelpers } from "../helpers/chain.ts";
import {
  deployMarket,
  dollars,
  loanId,
  openLoan,
  usdc,
  waitWithLiveFeeds,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import type { CallbackActor } from "../helpers/mocks.ts";
import { Fraction, whole } from "../helpers/mathematics.ts";
import { ANY_RATE, expectTermInvariants, feeOf, figuresOf, MONTH, quoteOf, UNIT, WEEK } from "../helpers/terms.ts";
import { greedyOrder } from "./scene.ts";

const TERM = { duration: MONTH, maxRate: ANY_RATE };

interface Scene extends Market {
  actor: CallbackActor;
  self: string;
  /** The borrower's open-term loan: nine tenths of the market. */
  whale: bigint;
  /** The actor's fixed-term loan: 20,000 against 20 ether. */
  term: bigint;
}

/** The loan asset calls the actor back; the market is two months old, and others' 1,000 ether lie in the book. */
async function scene(): Promise<Scene> {
  const market = await deployMarket({ contracts: { usdc: "HookToken" } });
  const { book, usdc: token } = market;
  const whale = await openLoan(market, { pledges: [[WETH, weth("1,000")]], amount: usdc("900,000") });
  await waitWithLiveFeeds(market, 2n * MONTH);
  const actor = await deployActor(market);
  const self = await actor.getAddress();
  const term = loanId(self);
  await market.weth.mint(actor, weth("20"));
  const pledges = [{ listing: WETH, amount: weth("20") }];
  await actor.run(book, encode(book, "openTerm", [term, pledges, usdc("20,000"), TERM, self]));
  await actor.run(token, encode(token, "setHooked", [true]));
  return { ...market, actor, self, whale, term };
}

async function outcomesOf(actor: CallbackActor): Promise<boolean[]> {
  return (await actor.outcomes()).map(({ success }) => success);
}

describe("Attacks on fixed terms from a callback", () => {
  it("a term opened on ether that never came frees the ether of others only until its own comes", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, actor, self, term, whale } = market;
    const id = loanId(self, 2n);
    const open = encode(book, "openTerm", [id, [{ listing: WETH, amount: weth("20") }], usdc("10,000"), TERM, self]);
    const holds = await market.usdc.balanceOf(actor);
    const rate = quoteOf(await figuresOf(market, [term]), usdc("10,000"), MONTH);

    // Half of the pledge leaves in the callback: what has to come is twice that.
    await actor.prepare([{ target: book, data: encode(book, "release", [id, WETH, weth("10"), self]) }]);
    await expect(actor.run(book, open, AMPLE_GAS)).to.be.revertedWithCustomError(
      market.weth,
      "ERC20InsufficientBalance",
    );
    // All of it leaves: it comes back for a loan that is closed already, and the fee is what the trick cost.
    await actor.prepare([{ target: book, data: encode(book, "close", [id, MaxUint256, self]) }]);
    await actor.run(book, open, AMPLE_GAS);
    expect(await outcomesOf(actor)).to.deep.equal([true]);
    expect(await market.weth.balanceOf(actor)).to.equal(0n);
    const fee = whole(usdc("10,000"))
      .times(new Fraction(rate * WEEK, UNIT))
      .ceil();
    expect(holds - (await market.usdc.balanceOf(actor))).to.equal(fee);
    expect(fee).to.equal(usdc("16.455433")); // of a week, at 8.6 %
    await expectTermInvariants(market, [term, whale, id]);
  });

  it("a fee that is credited before it is paid is withdrawn by nobody", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, vault, actor, self, lender, term, whale } = market;
    await vault.connect(lender).transfer(actor, await vault.balanceOf(lender)); // all shares
    const fee = feeOf(await book.loan(term));
    const cash = await vault.state();
    const order = { term: { duration: 0n, maxRate: 0n }, amount: 0n, maxFee: fee, addFee: false, receiver: self };
    await actor.prepare(
      [cash.cash + fee, cash.cash].map((amount) => ({
        target: vault,
        data: encode(vault, "withdraw", [amount, self, self]),
      })),
    );
    await actor.run(book, encode(book, "refinance", [term, order]), AMPLE_GAS);
    expect(await outcomesOf(actor)).to.deep.equal([false, true]);
    const { cash: after, reserves } = await vault.state();
    expect([after, reserves - cash.reserves]).to.deep.equal([fee, fee]);
    await expectTermInvariants(market, [term, whale]);
  });

  it("a fee is owed once, however often its refinancing is entered", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, vault, actor, self, term, whale } = market;
    const fee = feeOf(await book.loan(term));
    const { reserves } = await vault.accruedState();
    const order = { term: { duration: 0n, maxRate: 0n }, amount: 0n, maxFee: fee, addFee: false, receiver: self };
    const again = encode(book, "refinance", [term, order]);
    await market.usdc.mint(self, usdc("1,000"));
    await actor.prepare([
      { target: book, data: again },
      { target: book, data: encode(book, "roll", [term]) },
      { target: book, data: encode(book, "close", [term, MaxUint256, self]) },
    ]);
    await actor.run(book, again, AMPLE_GAS);
    expect(await outcomesOf(actor)).to.deep.equal([false, false, true]);
    expect((await vault.state()).reserves - reserves).to.equal(fee);
    expect(await market.weth.balanceOf(actor)).to.equal(weth("20"));
    await expectTermInvariants(market, [term, whale]);
  });

  it("a liquidator who has not paid yet gets a term of what is there, at a rate that sees the debt he is about to pay", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, vault, feeds, actor, self, term, whale } = market;
    const victim = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,000"), number: 2n });
    await feeds.weth.set(dollars("1,700"));
    await market.usdc.mint(self, usdc("20,000"));
    await market.weth.mint(self, weth("20"));
    const figures = await figuresOf(market, [term]);
    const { cash } = await vault.accruedState();
    const id = loanId(self, 2n);
    const open = (amount: bigint): string =>
      encode(book, "openTerm", [id, [{ listing: WETH, amount: weth("20") }], amount, TERM, self]);
    const amount = usdc("1,000");
    await actor.prepare([
      { target: book, data: open(cash + 1n) },
      { target: book, data: open(amount) },
    ]);
    await actor.run(book, encode(book, "liquidate", [greedyOrder(victim), "0x01"]), AMPLE_GAS);
    // Of the cash that the books have by then, what he has not paid is not there to be drawn.
    expect(await outcomesOf(actor)).to.deep.equal([false, true]);
    expect((await book.loan(id)).rate).to.equal(quoteOf(figures, amount, MONTH));
    await expectTermInvariants(market, [term, whale, victim, id]);
  });
});
