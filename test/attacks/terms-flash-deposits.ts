import { expect } from "chai";

import { networkHelpers } from "../helpers/chain.ts";
import { planned, type PlannedCall } from "../helpers/flash-loans.ts";
import { deployMarket, usdc, WETH, weth, type Market } from "../helpers/market.ts";
import {
  figuresOf,
  MONTH,
  mostTermDebt,
  quoteOf,
  useMarket,
  type QuoteFigures,
  type TermMarket,
} from "../helpers/terms.ts";
import { expectBalancedBooks } from "./scene.ts";
import { deployAttacker, flashLoan, shrunkMarket, termStep, usedMarket } from "./terms-scene.ts";

const TERM = usdc("5,000");

interface Way {
  name: string;
  fixture: () => Promise<TermMarket>;
  deposit: bigint;
  borrowed: boolean;
}

/** What a quote would see if what was deposited a moment ago counted. */
function withDeposit(figures: QuoteFigures, deposit: bigint): QuoteFigures {
  return { ...figures, cash: figures.cash + deposit };
}

/** Deposits, does something, and takes the deposit out: all of it in one transaction. */
async function around(
  { vault, usdc: token }: Market,
  holder: string,
  deposit: bigint,
  act: PlannedCall[],
): Promise<PlannedCall[]> {
  expect(await token.balanceOf(vault)).to.be.above(0n);
  return [
    await planned(vault, "deposit", [deposit, holder]),
    ...act,
    await planned(vault, "withdraw", [deposit - 1n, holder, holder]), // but for the wei that rounding keeps
  ];
}

describe("Attacks on the quote of a term by a deposit for a moment", () => {
  const ways: Way[] = [
    { name: "five times the market, of one's own", fixture: usedMarket, deposit: usdc("5,000,000"), borrowed: false },
    { name: "the vault's own cash, flash-borrowed", fixture: usedMarket, deposit: usdc("75,000"), borrowed: true },
    {
      name: "five times what is left, of one's own",
      fixture: shrunkMarket,
      deposit: usdc("2,700,000"),
      borrowed: false,
    },
    {
      name: "the vault's own cash, after lenders left",
      fixture: shrunkMarket,
      deposit: usdc("33,000"),
      borrowed: true,
    },
  ];
  for (const { name, fixture, deposit, borrowed } of ways) {
    it(`${name}: the rate is what it would be without`, async () => {
      const market = await networkHelpers.loadFixture(fixture);
      const { vault, book } = market;
      const attacker = await deployAttacker(market, borrowed ? 1n : deposit);
      const { actor, address, loan } = attacker;
      const figures = await figuresOf(market);
      const honest = quoteOf(figures, TERM, MONTH);

      const plan = await around(market, address, deposit, [await termStep(market, attacker, TERM)]);
      await actor.run(borrowed ? [await flashLoan(market, attacker, deposit, plan)] : plan);

      expect((await book.loan(loan(1n))).rate).to.equal(honest);
      expect(await market.usdc.balanceOf(actor)).to.equal(TERM + (borrowed ? 1n : deposit) - 1n);
      expect(await vault.balanceOf(actor)).to.be.below(2n * 10n ** 6n); // less than two units' shares
      await expectBalancedBooks(market);
    });
  }

  it("would have paid: with the deposit in the supply, a market that lenders left would quote 4.2 % for 8.9 %", async () => {
    const figures = await figuresOf(await networkHelpers.loadFixture(shrunkMarket));
    const honest = quoteOf(figures, TERM, MONTH);
    const fooled = quoteOf(withDeposit(figures, usdc("2,700,000")), TERM, MONTH);
    expect([honest, fooled]).to.deep.equal([88_681_584n, 42_208_845n]);
  });

  it("in and out before the term only makes it dearer: what was deposited is left out, though it is gone", async () => {
    const market = await networkHelpers.loadFixture(usedMarket);
    const { vault, book } = market;
    const attacker = await deployAttacker(market, usdc("60,000"));
    const { actor, address, loan } = attacker;
    const figures = await figuresOf(market);
    const trip = await around(market, address, usdc("50,000"), []);
    await actor.run([...trip, await termStep(market, attacker, TERM)]);
    const dearer = quoteOf({ ...figures, cash: figures.cash - usdc("50,000") + 1n }, TERM, MONTH);
    expect((await book.loan(loan(1n))).rate).to.equal(dearer);
    expect(dearer).to.be.above(quoteOf(figures, TERM, MONTH));
    expect(await vault.quoteTerm(0n, 0n, MONTH)).to.be.above(0n); // and counts again in the next transaction
  });
});

describe("Attacks on the share of terms by a deposit for a moment", () => {
  for (const [name, fixture] of [
    ["where the average is the smaller", usedMarket],
    ["where the assets are", shrunkMarket],
  ] as const) {
    it(`make no room, ${name}: not a unit`, async () => {
      const market = await networkHelpers.loadFixture(fixture);
      const { vault, book } = market;
      const deposit = usdc("5,000,000");
      const attacker = await deployAttacker(market, deposit);
      const { actor, address, loan } = attacker;
      await useMarket(market, 3_000n); // there is cash for it
      const most = mostTermDebt(await figuresOf(market));
      const attempt = async (amount: bigint): Promise<PlannedCall[]> =>
        around(market, address, deposit, [await termStep(market, attacker, amount)]);

      await expect(actor.run(await attempt(most + 1n)))
        .to.be.revertedWithCustomError(vault, "TermShareExceeded")
        .withArgs(most + 1n, most);
      await expect(actor.run(await attempt(2n * most)))
        .to.be.revertedWithCustomError(vault, "TermShareExceeded")
        .withArgs(2n * most, most);
      await actor.run(await attempt(most));
      expect(await book.debtOf(loan(1n))).to.equal(most);
    });
  }

  it("open no new market: its average is nothing, whatever it holds for a moment", async () => {
    const market = await deployMarket();
    const { vault } = market;
    const attacker = await deployAttacker(market, usdc("5,000,000"));
    const plan = await around(market, attacker.address, usdc("5,000,000"), [await termStep(market, attacker, TERM)]);
    await expect(attacker.actor.run(plan)).to.be.revertedWithCustomError(vault, "TermShareExceeded").withArgs(TERM, 0n);
  });

  it("by a flash loan do not either: it changes no cash, so a quote in its midst is that before it", async () => {
    const market = await networkHelpers.loadFixture(usedMarket);
    const { vault, book } = market;
    const attacker = await deployAttacker(market);
    const { actor, loan } = attacker;
    const figures = await figuresOf(market);
    const cash = await vault.maxFlashLoan(market.usdc);
    expect(cash).to.equal(figures.cash);
    const open = await termStep(market, attacker, TERM);
    // All the cash but what the term draws: the book sends tokens that must be there.
    await actor.run([await flashLoan(market, attacker, cash - TERM, [open])]);
    const { rate } = await book.loan(loan(1n));
    expect(rate).to.equal(quoteOf(figures, TERM, MONTH));
    expect(await book.pledgeOf(loan(1n), WETH)).to.equal(weth("300"));
    await expectBalancedBooks(market);
  });
});
