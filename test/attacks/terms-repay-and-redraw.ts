import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { planned, type PlannedCall } from "../helpers/flash-loans.ts";
import { usdc, waitWithLiveFeeds, WETH, weth } from "../helpers/market.ts";
import { figuresOf, MONTH, mostTermDebt, quoteOf, termMarket, useMarket, type TermMarket } from "../helpers/terms.ts";
import { expectBalancedBooks } from "./scene.ts";
import { deployAttacker, flashLoan, termStep, type Attacker } from "./terms-scene.ts";

const OPEN = 1n;
const TERM = 2n;
const AMOUNT = usdc("10,000");

type Scene = TermMarket & { attacker: Attacker; debt: bigint };

/**
 * The attacker's own open-term loan has nearly all of the market: 500,000. Others have 400,000 and what grew on it, and there are
 * some 93,000 of cash.
 */
async function scene(): Promise<Scene> {
  const market = await termMarket();
  const { book } = market;
  const attacker = await deployAttacker(market, usdc("1,000,000"));
  const pledges = [{ listing: WETH, amount: weth("400") }];
  const { address, actor, loan } = attacker;
  await actor.run([await planned(book, "open", [loan(OPEN), pledges, usdc("500,000"), address])]);
  await useMarket(market, 9_300n);
  await waitWithLiveFeeds(market, 1n);
  return { ...market, attacker, debt: await book.debtOf(loan(OPEN)) };
}

/** Repays the open-term loan, does something, and draws it again. */
async function around({ book, attacker, debt }: Scene, act: PlannedCall[]): Promise<PlannedCall[]> {
  const { loan, address } = attacker;
  return [
    await planned(book, "repay", [loan(OPEN), MaxUint256]),
    ...act,
    await planned(book, "borrow", [loan(OPEN), debt, address]),
  ];
}

describe("Attacks on the quote of a term by repaying for a moment", () => {
  it("with one's own money, in one transaction: the rate is what it would be without", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, attacker, debt } = market;
    const { actor, loan } = attacker;
    const figures = await figuresOf(market);
    const honest = quoteOf(figures, AMOUNT, MONTH);
    await actor.run(await around(market, [await termStep(market, attacker, AMOUNT, { number: TERM })]));
    expect((await book.loan(loan(TERM))).rate).to.equal(honest);
    expect((await book.debtOf(loan(OPEN))) - debt).to.be.within(0n, 1n);
    // Had the market been quoted as it stood in between:
    const idle = quoteOf({ ...figures, openDebt: figures.openDebt - debt, cash: figures.cash + debt }, AMOUNT, MONTH);
    expect([honest, idle]).to.deep.equal([98_251_969n, 42_465_773n]); // 9.8 % and 4.2 %;
    await expectBalancedBooks(market);
  });

  it("with the vault's own cash, flash-borrowed, part by part: not either", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, vault, attacker } = market;
    const { actor, address, loan } = attacker;
    const honest = quoteOf(await figuresOf(market), AMOUNT, MONTH);
    const most = (await vault.state()).cash - AMOUNT;
    const plan = [
      await planned(book, "repay", [loan(OPEN), most]),
      await termStep(market, attacker, AMOUNT, { number: TERM }),
      await planned(book, "borrow", [loan(OPEN), most, address]),
    ];
    await actor.run([await flashLoan(market, attacker, most, plan)]);
    expect((await book.loan(loan(TERM))).rate).to.equal(honest);
  });

  it("by closing the loan and opening it anew, or in several parts and turns: not either", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, attacker, debt } = market;
    const { actor, address, loan } = attacker;
    const figures = await figuresOf(market);
    const honest = quoteOf(figures, AMOUNT, MONTH);
    const open = await termStep(market, attacker, AMOUNT, { number: TERM });
    const pledges = [{ listing: WETH, amount: weth("400") }];
    const snapshot = await networkHelpers.takeSnapshot();
    await actor.run([
      await planned(book, "close", [loan(OPEN), MaxUint256, address]),
      open,
      await planned(book, "open", [loan(OPEN), pledges, debt, address]),
    ]);
    expect((await book.loan(loan(TERM))).rate).to.equal(honest);
    await snapshot.restore();

    // What comes back and is repaid again counts twice: it only becomes dearer.
    const half = debt / 2n;
    const turns: PlannedCall[] = [];
    for (let i = 0; i < 2; i++) {
      turns.push(
        await planned(book, "repay", [loan(OPEN), half]),
        await planned(book, "borrow", [loan(OPEN), half, address]),
      );
    }
    await actor.run([...turns, open]);
    const { rate } = await book.loan(loan(TERM));
    expect(rate).to.equal(quoteOf({ ...figures, openDebt: figures.openDebt + 2n * half }, AMOUNT, MONTH));
    expect(rate).to.be.above(honest);
  });

  it("makes no room under the share of terms: a term that is repaid for a moment only gives back its own", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, vault, attacker } = market;
    const { actor, loan } = attacker;
    await useMarket(market, 8_000n);
    const figures = await figuresOf(market);
    const most = mostTermDebt(figures);
    const first = usdc("100,000");
    await actor.run([await termStep(market, attacker, first, { number: TERM })]);
    const again = [
      await planned(book, "repay", [loan(TERM), MaxUint256]),
      await termStep(market, attacker, most + 1n, { number: 3n }),
    ];
    await expect(actor.run(again))
      .to.be.revertedWithCustomError(vault, "TermShareExceeded")
      .withArgs(most + 1n, most);
  });

  it("refinancing all of it for a term is quoted as if nothing had moved: it moves nothing", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, vault, attacker } = market;
    const { actor, address, loan } = attacker;
    await actor.run([await planned(book, "repay", [loan(OPEN), usdc("300,000")])]);
    await waitWithLiveFeeds(market, 1n);
    const rate = quoteOf(await figuresOf(market), 0n, MONTH);
    const order = {
      ...{ term: { duration: MONTH, maxRate: rate }, amount: 0n, maxFee: 0n },
      ...{ addFee: false, receiver: address },
    };
    await actor.run([await planned(book, "refinance", [loan(OPEN), order])]);
    expect((await book.loan(loan(OPEN))).rate).to.equal(rate);
    expect((await vault.state()).scaledDebt).to.equal((await book.loan(market.whale)).base);
  });

  it("in separate transactions, with money of one's own, is quoted as the market stands in between: a known issue", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, attacker, debt } = market;
    const { actor, address, loan } = attacker;
    await actor.run([await planned(book, "repay", [loan(OPEN), MaxUint256])]);
    const between = quoteOf(await figuresOf(market), AMOUNT, MONTH);
    await actor.run([await termStep(market, attacker, AMOUNT, { number: TERM })]);
    // Somebody else may draw what lies there in between: then it does not come back.
    const snapshot = await networkHelpers.takeSnapshot();
    await useMarket(market, 9_900n);
    await expect(actor.run([await planned(book, "borrow", [loan(OPEN), debt, address])])).to.be.revertedWithCustomError(
      market.vault,
      "InsufficientCash",
    );
    await snapshot.restore();
    await actor.run([await planned(book, "borrow", [loan(OPEN), debt, address])]);
    expect((await book.loan(loan(TERM))).rate).to.equal(between);
  });
});
