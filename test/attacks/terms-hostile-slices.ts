import { expect } from "chai";

import { networkHelpers } from "../helpers/chain.ts";
import { deployFlashActor, planned, type FlashActor, type PlannedCall } from "../helpers/flash-loans.ts";
import { loanId, usdc, WETH, weth } from "../helpers/market.ts";
import {
  ANY_RATE,
  expectTermInvariants,
  figuresOf,
  MONTH,
  mostTermDebt,
  quoteOf,
  termMarket,
  useMarket,
} from "../helpers/terms.ts";
import type { QuoteFigures, TermMarket } from "../helpers/terms.ts";

const AMOUNT = usdc("90,000");

type Scene = TermMarket & { actor: FlashActor; self: string; ids: (slices: bigint) => bigint[] };

/** Nine tenths of a million and more are lent out: every further draw moves the quote. The attacker has ether. */
async function scene(): Promise<Scene> {
  const market = await termMarket();
  await useMarket(market, 9_000n);
  const actor = await deployFlashActor(market);
  const self = await actor.getAddress();
  await market.weth.mint(actor, weth("500"));
  const ids = (slices: bigint): bigint[] =>
    Array.from({ length: Number(slices) }, (_, i) => loanId(self, BigInt(i + 1)));
  return { ...market, actor, self, ids };
}

/** The amount as so many terms, in one transaction. */
async function sliced({ book, self, ids }: Scene, slices: bigint, amount = AMOUNT): Promise<PlannedCall[]> {
  const pledges = [{ listing: WETH, amount: weth("500") / slices }];
  const term = { duration: MONTH, maxRate: ANY_RATE };
  return Promise.all(
    ids(slices).map(async (id) => planned(book, "openTerm", [id, pledges, amount / slices, term, self])),
  );
}

/** The rate of each slice, reckoned one after the other. */
function ratesOf(figures: QuoteFigures, slices: bigint): bigint[] {
  const slice = AMOUNT / slices;
  const rates: bigint[] = [];
  for (let i = 0n; i < slices; i++) {
    const drawn = i * slice;
    rates.push(quoteOf({ ...figures, termDebt: figures.termDebt + drawn, cash: figures.cash - drawn }, slice, MONTH));
  }
  return rates;
}

/** A rate that is the same for all slices and brings the lenders as much. [1e-9/year] */
function meanOf(rates: readonly bigint[]): bigint {
  return rates.reduce((sum, rate) => sum + rate, 0n) / BigInt(rates.length);
}

// Above the target this succeeds in part: one who slices pays for the way there, one who does not for its end.
describe("Attacks on the quote of a term by slices", () => {
  for (const [slices, mean] of [
    [1n, 158_005_143n],
    [2n, 131_003_917n],
    [10n, 109_402_936n],
    [50n, 105_082_740n],
  ] as const) {
    it(`${String(slices)} of nine tenths of the cash cost ${String(mean)}: each pays for what is lent after it, none less`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { book, actor, whale, ids } = market;
      const figures = await figuresOf(market);
      const rates = ratesOf(figures, slices);
      await actor.run(await sliced(market, slices));
      const stored = await Promise.all(ids(slices).map(async (id) => (await book.loan(id)).rate));
      expect(stored).to.deep.equal(rates);
      expect(meanOf(rates)).to.equal(mean);
      // However many: never below the mean of the quotes for nothing and for all, since the curve is straight there.
      const [nothing, all] = [quoteOf(figures, 0n, MONTH), quoteOf(figures, AMOUNT, MONTH)];
      expect(rates.at(-1)).to.equal(all); // who comes next sees all of it
      expect(meanOf(rates)).to.be.gte((nothing + all) / 2n);
      await expectTermInvariants(market, [...ids(slices), whale]);
    });
  }

  it("up to the target all are quoted alike: there slices gain nothing", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, actor, ids } = market;
    await useMarket(market, 4_000n);
    await actor.run(await sliced(market, 3n));
    const rates = await Promise.all(ids(3n).map(async (id) => (await book.loan(id)).rate));
    expect(new Set(rates).size).to.equal(1);
  });

  it("neither are they a way past the share of terms, by a unit", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { vault, actor } = market;
    await useMarket(market, 4_000n);
    const most = mostTermDebt(await figuresOf(market));
    await market.weth.mint(actor, weth("500"));
    const snapshot = await networkHelpers.takeSnapshot();
    const over = (most / 10n + 1n) * 10n;
    await expect(actor.run(await sliced(market, 10n, over)))
      .to.be.revertedWithCustomError(vault, "TermShareExceeded")
      .withArgs(over, most);
    await snapshot.restore();
    await actor.run(await sliced(market, 10n, most));
    expect(most - (await vault.termDebt())).to.be.within(0n, 9n);
  });
});
