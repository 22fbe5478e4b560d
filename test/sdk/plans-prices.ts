import { expect } from "chai";

import { Random } from "../../scripts/play/random.ts";
import { WAD } from "../../sdk/src/math/amounts.ts";
import { isCallable, isLiquidatable, liquidationDrop, type MarketView } from "../../sdk/src/math/loan-lens.ts";
import { borrowRate } from "../../sdk/src/math/vault.ts";
import { plannedDebt } from "../../sdk/src/plans/growth.ts";
import { compareHolding, gainOfHolding } from "../../sdk/src/plans/hold-or-sell.ts";
import { standingIn } from "../../sdk/src/market/standing.ts";
import { aboveLineFrom, callDrop, fallenMarket, laterMarket } from "../../sdk/src/plans/price-fall.ts";
import { supposedLoan } from "../../sdk/src/plans/supposed-loan.ts";
import type { Loan } from "../../sdk/src/types.ts";
import { clock, DAY, networkHelpers, YEAR } from "../helpers/chain.ts";
import { at } from "../helpers/lens.ts";
import { MAJOR_TERMS, usdc, weth } from "../helpers/market.ts";
import { feedsOf, loanOf, loanScene, marketView, pass, randomLoans, type LoanScene } from "./loan-scene.ts";
import { storedVault } from "../helpers/stored-vault.ts";

/** Exponent of an ether's price: 36 + 6 - 18. */
const PER_ETHER = 10n ** 24n;

type Scene = LoanScene & { loans: Loan[]; market: MarketView };

/** Loans of one to four pledges, each second one for a fixed term. The feeds' answers are whole ten-thousandths. */
async function scene(): Promise<Scene> {
  const scene = await loanScene({ assetDecimals: 6, hasPeg: false, hasSequencer: false });
  const ids = await randomLoans(scene, new Random(8));
  await pass(scene, 3n * DAY);
  const loans: Loan[] = [];
  for (const id of ids) loans.push(await loanOf(scene, id));
  return { ...scene, loans, market: await marketView(scene) };
}

describe("SDK plans: a fall of prices, beside the contract", () => {
  async function compare({ book, lens, listings, loans, market, ...rest }: Scene, fall: bigint, only?: number) {
    const snapshot = await networkHelpers.takeSnapshot();
    for (const [number, { feeds }] of listings.entries()) {
      if ((only ?? number) !== number) continue;
      for (const { contract } of feeds) await contract.set(((await contract.answer()) * (10_000n - fall)) / 10_000n);
    }
    const fallen = fallenMarket(market, (fall * WAD) / 10_000n, only);
    expect(fallen).to.deep.equal(await marketView({ book, lens, listings, ...rest }));
    const ids = loans.map(({ id }) => id);
    const [callable, liquidatable] = [await lens.callable(book, ids), await lens.liquidatable(book, ids)];
    const states: string[] = [];
    for (const loan of loans) {
      const { debt, borrowLimit, callLine, liquidationLine, value, health, state, cure } = standingIn(fallen, loan);
      expect([debt, borrowLimit, callLine, liquidationLine]).to.deep.equal([...(await book.healthOf(loan.id))]);
      expect(value).to.equal((await lens.loanDetails(book, loan.id)).value);
      expect(cure.repayment).to.equal((await lens.amountToCure(book, loan.id)).repayment);
      const mayCall = callable.includes(loan.id) ? "callable" : "safe";
      expect(state).to.equal(liquidatable.includes(loan.id) ? "liquidatable" : mayCall);
      expect(health === undefined || health >= WAD).to.equal(state !== "liquidatable");
      states.push(state);
    }
    await snapshot.restore();
    return states;
  }

  it("makes the board of the fallen prices, of all or of one, and loans stand where the contract says", async () => {
    const found = await networkHelpers.loadFixture(scene);
    const seen = new Set<string>();
    for (const [fall, only] of [
      [0n],
      [500n],
      [700n],
      [1_300n],
      [6_000n],
      [9_000n],
      [4_000n, 0],
      [7_000n, 1],
    ] as const) {
      for (const state of await compare(found, fall, only)) seen.add(state);
    }
    expect([...seen].sort()).to.deep.equal(["callable", "liquidatable", "safe"]);
  });

  it("the call comes in the second that is told, by interest alone", async () => {
    const found = await networkHelpers.loadFixture(scene);
    const { book, lens, loans, market } = found;
    const loan = at(loans, 1);
    const { rate, maturity } = loan;
    expect(maturity).to.be.above(0n);
    const near = fallenMarket(market, callDrop(market, loan));
    for (const feed of feedsOf(found)) {
      if (feed !== found.loanFeed) await feed.set(((await feed.answer()) * (WAD - callDrop(market, loan))) / WAD + 1n);
    }
    const view = await marketView(found);
    expect([standingIn(near, loan).state, standingIn(view, loan).state]).to.deep.equal(["safe", "safe"]);
    const from = aboveLineFrom(view, loan, "call", rate) ?? 0n;
    await pass(found, from - 1n - clock.now());
    expect(await lens.callable(book, [loan.id])).to.deep.equal([]);
    await pass(found, 1n);
    expect(await lens.callable(book, [loan.id])).to.deep.equal([loan.id]);
    expect(laterMarket(view, 0n, from).board).to.deep.equal((await marketView(found)).board);
  });

  it("a loan of the market is planned from what it owes, or as its term is stored", async () => {
    const found = await networkHelpers.loadFixture(scene);
    const { book, vault, loans, market } = found;
    const rate = borrowRate((await storedVault(vault)).vault, clock.now());
    const [open, fixed] = [at(loans, 0), at(loans, 1)];
    expect(rate).to.equal(await vault.borrowRate());
    expect(plannedDebt(market, open, rate)).to.deep.equal({
      owed: await book.debtOf(open.id),
      ...{ rate, since: clock.now() },
    });
    expect(plannedDebt(market, fixed, rate)).to.equal(fixed);
  });
});

describe("SDK plans: a supposed loan", () => {
  const ether = { amount: weth("10"), price: 2_000n * PER_ETHER, terms: MAJOR_TERMS };
  /** 12,000 against 10 ether at 2,000: call line 16,000, liquidation line 17,200. */
  const { market, loan } = supposedLoan({ owed: usdc("12,000"), rate: 0n, since: 0n }, [ether], usdc("100"));

  it("may fall to the last digit: at the drop nothing may be done, at 1e-18 more it may", () => {
    const [call, liquidation] = [callDrop(market, loan), liquidationDrop(market, loan)];
    expect(call).to.be.within(WAD / 4n, WAD / 4n + 10n ** 8n); // 1 - 12,000 / 16,000, and the price's rounding
    const after = (fall: bigint) => fallenMarket(market, fall);
    expect([isCallable(after(call), loan), isCallable(after(call + 1n), loan)]).to.deep.equal([false, true]);
    expect(isLiquidatable(after(liquidation), loan)).to.equal(false);
    expect(isLiquidatable(after(liquidation + 1n), loan)).to.equal(true);
  });

  it("tells what cures after a fall of 30 %, by hand", () => {
    expect(standingIn(fallenMarket(market, (3n * WAD) / 10n), loan)).to.deep.equal({
      ...{ debt: usdc("12,000"), value: usdc("14,000"), state: "callable" },
      ...{ borrowLimit: usdc("10,920"), callLine: usdc("11,200"), liquidationLine: usdc("12,040") },
      ...{ health: 1_003_333_333_333_333_333n, callState: "none" },
      liquidationDrop: 3_322_259_071_428_571n, // 1 - 13,953.488373 / 14,000, the value that just carries 12,000
      // 800, or 800 / 0.8 / 1,400 ether, rounded up
      cure: { repayment: usdc("800"), additions: new Map([[0, 714_285_714_285_714_286n]]) },
      pledges: new Map([
        [
          0,
          {
            price: 1_400n * PER_ETHER,
            callPrice: 1_500n * PER_ETHER,
            liquidationPrice: 13_953_488_373n * 10n ** 17n, // 12,000 / 0.86 for 10, the value rounded up to a unit
          },
        ],
      ]),
    });
  });

  it("is never called without interest, with it in the second that is told, and at once above its line", () => {
    expect(aboveLineFrom(market, loan, "call", 0n)).to.equal(undefined);
    const from = aboveLineFrom(market, loan, "call", WAD / 10n) ?? 0n;
    // ln(16,000 / 12,000) / 10 % = 2.877 years
    expect(Number(from) / Number(YEAR)).to.be.within(2.876, 2.878);
    const later = (time: bigint) => standingIn(laterMarket(market, WAD / 10n, time), loan).state;
    expect([later(from - 1n), later(from)]).to.deep.equal(["safe", "callable"]);
    expect(aboveLineFrom(market, loan, "liquidation", WAD / 10n)).to.be.above(from);
    expect(aboveLineFrom(fallenMarket(market, WAD / 2n), loan, "liquidation", 0n)).to.equal(0n);
  });

  it("grows for a fixed term as the book's loans do, past its maturity too", () => {
    const term = { base: usdc("12,000"), since: 5n, maturity: 5n + YEAR, rate: 10n ** 8n };
    const fixed = supposedLoan(term, [ether]);
    expect(fixed.loan).to.deep.include(term);
    expect(standingIn(laterMarket(fixed.market, WAD, 5n + 2n * YEAR), fixed.loan).debt).to.equal(usdc("14,400"));
  });
});

describe("SDK plans: the loan against selling", () => {
  const choice = { needed: usdc("20,000"), price: 2_000n * PER_ETHER, total: usdc("22,000") };

  it("breaks even where the tokens kept are worth what the loan cost", () => {
    const result = compareHolding(choice);
    expect(result).to.deep.equal({
      sold: weth("10"),
      breakEvenPrice: 2_200n * PER_ETHER,
      breakEvenRatio: (11n * WAD) / 10n,
    });
    expect(gainOfHolding(choice, 2_200n * PER_ETHER)).to.equal(0n);
    expect(gainOfHolding(choice, 3_000n * PER_ETHER)).to.equal(usdc("8,000"));
    expect(gainOfHolding(choice, 1_000n * PER_ETHER)).to.equal(-usdc("12,000"));
  });

  it("a sale that costs a fifth sells more, and breaks even lower", () => {
    const result = compareHolding({ ...choice, saleCost: 2_000n });
    expect(result.sold).to.equal(weth("12.5"));
    expect(result.breakEvenPrice).to.equal(1_760n * PER_ETHER);
  });

  it("break-even is the least such price, over random choices", () => {
    const random = new Random(5);
    for (let round = 0; round < 100; round++) {
      const needed = BigInt(Math.floor(10 ** random.between(1, 15)));
      const each = {
        needed,
        price: BigInt(Math.floor(10 ** random.between(0, 12))) * 10n ** 22n,
        total: needed + BigInt(Math.floor(random.between(0, 0.5) * Number(needed))),
        saleCost: BigInt(Math.floor(random.between(0, 5_000))),
      };
      const { sold, breakEvenPrice } = compareHolding(each);
      expect(gainOfHolding(each, breakEvenPrice) >= 0n).to.equal(true);
      expect(gainOfHolding(each, breakEvenPrice - 1n) < 0n).to.equal(true);
      const proceeds = (tokens: bigint): bigint => (tokens * each.price * (10_000n - each.saleCost)) / 10n ** 40n;
      expect([proceeds(sold) >= needed, proceeds(sold - 1n) < needed]).to.deep.equal([true, true]);
    }
  });
});
