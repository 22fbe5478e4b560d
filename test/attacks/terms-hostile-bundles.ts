import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { deployActor, encode } from "../helpers/actor.ts";
import { networkHelpers } from "../helpers/chain.ts";
import { deployFlashActor, planned, planOf, type FlashActor, type PlannedCall } from "../helpers/flash-loans.ts";
import { loanId, usdc, waitWithLiveFeeds, WETH, weth } from "../helpers/market.ts";
import type { CallbackActor } from "../helpers/mocks.ts";
import {
  ANY_RATE,
  expectTermInvariants,
  feeOf,
  figuresOf,
  MONTH,
  mostTermDebt,
  openTermLoan,
  quoteOf,
  refinancing,
  termMarket,
  useMarket,
  type TermMarket,
} from "../helpers/terms.ts";

const AMOUNT = usdc("10,000");

interface Scene extends TermMarket {
  /** Whose calls come first in the transaction: it has no money but 100 dollars, and a loan of 50,000 against 200 ether. */
  rival: FlashActor;
  self: string;
  own: bigint;
  /** Who opens a term behind it, in the same transaction, as in a bundle of several wallets' orders. */
  victim: CallbackActor;
  id: bigint;
}

async function scene(): Promise<Scene> {
  const market = await termMarket();
  const { book, stranger } = market;
  const [rival, victim] = [await deployFlashActor(market), await deployActor(market)];
  const self = await rival.getAddress();
  const [own, id] = [loanId(self), loanId(await victim.getAddress())];
  for (const actor of [rival, victim]) await market.weth.mint(actor, weth("200"));
  await market.usdc.mint(rival, usdc("100"));
  const pledges = [{ listing: WETH, amount: weth("200") }];
  await rival.run([await planned(book, "open", [own, pledges, usdc("50,000"), stranger.address])]);
  await waitWithLiveFeeds(market, 1n);
  return { ...market, rival, self, own, victim, id };
}

/** The victim's term. */
async function termOf({ book, victim, id }: Scene, maxRate = ANY_RATE): Promise<PlannedCall> {
  const pledges = [{ listing: WETH, amount: weth("20") }];
  const order = [id, pledges, AMOUNT, { duration: MONTH, maxRate }, await victim.getAddress()];
  return planned(victim, "run", [await book.getAddress(), encode(book, "openTerm", order)]);
}

/** The vault's cash, flash-borrowed, is deposited and withdrawn so many times. */
async function churn({ vault, usdc: token, self }: Scene, amount: bigint, times: number): Promise<PlannedCall> {
  const steps: PlannedCall[] = [];
  for (let i = 0; i < times; i++) {
    steps.push(await planned(vault, "deposit", [amount, self]));
    steps.push(await planned(vault, "withdraw", [amount - 1n, self, self]));
  }
  return planned(vault, "flashLoan", [self, await token.getAddress(), amount, planOf(...steps)]);
}

// What a transaction deposited and repaid is counted for all who act in it: who shares one can be kept out of it, never sold cheap.
describe("Attacks on the term of somebody else in the same transaction", () => {
  it("a deposit that comes and goes before it refuses it there, for gas alone, and not a transaction later", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { vault, book, rival, self, victim, id, own, whale } = market;
    const rate = quoteOf(await figuresOf(market), AMOUNT, MONTH);
    const { cash } = await vault.state();
    const holds = await market.usdc.balanceOf(self);

    const bundle = [await churn(market, cash, 2), await termOf(market, rate)];
    await expect(rival.run(bundle)).to.be.revertedWithCustomError(vault, "TermShareExceeded").withArgs(AMOUNT, 0n);
    // Its wallet alone is refused, if the bundle goes on without it: the next transaction has forgotten.
    await rival.run(bundle.slice(0, 1));
    const term = await termOf(market, rate);
    await rival.run([term]);
    expect((await book.loan(id)).rate).to.equal(rate);
    expect(holds - (await market.usdc.balanceOf(self))).to.be.within(2n, 4n); // the units that roundings keep
    expect(await market.usdc.balanceOf(victim)).to.equal(AMOUNT);
    await expectTermInvariants(market, [id, own, whale]);
  });

  it("what a rival repays and draws again makes it dearer, up to four times the rate, if the owner accepts that", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, rival, self, own, id } = market;
    const figures = await figuresOf(market);
    const rate = quoteOf(figures, AMOUNT, MONTH);
    const loop = [
      await planned(book, "borrow", [own, usdc("200,000"), self]),
      await planned(book, "repay", [own, usdc("200,000")]),
    ];
    const turns = [...loop, ...loop, ...loop];
    await expect(rival.run([...turns, await termOf(market, rate)])).to.be.revertedWithCustomError(book, "RateAboveMax");
    await rival.run([...turns, await termOf(market)]);
    const dearer = (await book.loan(id)).rate;
    expect(dearer).to.equal(quoteOf({ ...figures, cash: 0n }, AMOUNT, MONTH));
    expect([rate, dearer]).to.deep.equal([42_465_722n, 162_465_628n]); // 4.2 % and 16.2 %
  });

  it("nothing that a rival does in front of it makes it cheaper", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { vault, book, usdc: token, rival, self, own, id } = market;
    await useMarket(market, 9_500n);
    const rate = quoteOf(await figuresOf(market), AMOUNT, MONTH);
    const { cash } = await vault.state();
    const asset = await token.getAddress();
    const most = cash - AMOUNT; // the rest is what the term draws
    const inMidst = planOf(
      await planned(book, "repay", [own, most]),
      await termOf(market),
      await planned(book, "borrow", [own, most, self]),
    );
    const fronts: PlannedCall[][] = [
      [await planned(vault, "flashLoan", [self, asset, most, inMidst])],
      [await churn(market, cash / 4n, 1), await termOf(market)],
      [await planned(vault, "accrue", []), await termOf(market)],
      [await planned(book, "repay", [own, usdc("100")]), await termOf(market)],
    ];
    for (const front of fronts) {
      const snapshot = await networkHelpers.takeSnapshot();
      await rival.run(front);
      expect((await book.loan(id)).rate).to.be.gte(rate);
      await snapshot.restore();
    }
  });
});

describe("Attacks on the renewal of a term", () => {
  it("who rolls it in the second of its maturity can keep it out of a full share; a minute before, renewing costs a cent", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, vault, borrower, stranger } = market;
    const id = await openTermLoan(market, { amount: usdc("100,000"), duration: MONTH });
    const room = mostTermDebt(await figuresOf(market, [id])) - (await vault.termDebt());
    await openTermLoan(market, { amount: room - usdc("700"), duration: 2n * MONTH, number: 2n });
    await waitWithLiveFeeds(market, MONTH - 60n);
    const renewal = refinancing(borrower, { duration: MONTH, addFee: true });

    const early = await networkHelpers.takeSnapshot();
    const fee = feeOf(await book.loan(id));
    await book.connect(borrower).refinance(id, renewal);
    expect((await book.loan(id)).maturity).to.be.above(0n);
    expect(fee).to.equal(8_080n); // 0.8 cents
    await early.restore();

    await waitWithLiveFeeds(market, 60n);
    const matured = await networkHelpers.takeSnapshot();
    await book.connect(borrower).refinance(id, renewal); // in time: it counts nothing, since it is a term already
    await matured.restore();
    await book.connect(stranger).roll(id);
    await openTermLoan(market, { amount: usdc("90,000"), duration: MONTH, number: 3n, owner: stranger, ether: "100" });
    await expect(book.connect(borrower).refinance(id, renewal)).to.be.revertedWithCustomError(
      vault,
      "TermShareExceeded",
    );
    await book.connect(borrower).close(id, MaxUint256, borrower); // no fee, whoever rolled
  });
});
