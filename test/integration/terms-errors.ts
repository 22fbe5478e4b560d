import { expect } from "chai";

import { networkHelpers, YEAR } from "../helpers/chain.ts";
import { expectUntouched } from "../helpers/contract-state.ts";
import { usdc } from "../helpers/market.ts";
import { bothKinds } from "../helpers/refinancing.ts";
import { expectRefused, openTerm, refinance } from "../helpers/term-refusals.ts";
import { feeOf, figuresOf, MONTH, mostTermDebt, quoteOf, WEEK } from "../helpers/terms.ts";

describe("A fixed term, refused for what is asked", () => {
  it("too short or too long, by a second, opened or refinanced", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    for (const duration of [0n, 1n, WEEK - 1n, YEAR + 1n, 2n ** 255n]) {
      const range = [duration, WEEK, YEAR];
      await expectRefused(market, async () => openTerm(market, { duration }), "TermDurationOutOfRange", range);
      if (duration === 0n) continue; // for an open term
      for (const id of [market.open, market.fixed]) {
        await expectRefused(market, async () => refinance(market, id, { duration }), "TermDurationOutOfRange", range);
      }
    }
    for (const duration of [WEEK, YEAR]) {
      await openTerm(market, { duration, number: duration });
      await refinance(market, market.fixed, { duration });
    }
  });

  it("at a rate above what is accepted, by the last digit", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    const { open, fixed, book } = market;
    const figures = await figuresOf(market, [fixed]);
    const amount = usdc("1,000");
    const quoted = quoteOf(figures, amount, MONTH);
    for (const maxRate of [quoted - 1n, 0n]) {
      await expectUntouched(market, async () => {
        await expect(openTerm(market, { amount, maxRate }))
          .to.be.revertedWithCustomError(book, "RateAboveMax")
          .withArgs(quoted, maxRate);
      });
    }
    const same = quoteOf(figures, 0n, MONTH);
    for (const id of [open, fixed]) {
      const order = { duration: MONTH, maxRate: same - 1n };
      await expectRefused(market, async () => refinance(market, id, order), "RateAboveMax", [same, same - 1n]);
    }
    const withFee = quoteOf(figures, feeOf(await book.loan(fixed)), MONTH);
    expect(withFee).to.be.above(same); // the fee is debt, too
    const order = { duration: MONTH, maxRate: same, addFee: true };
    await expectRefused(market, async () => refinance(market, fixed, order), "RateAboveMax", [withFee, same]);
    await openTerm(market, { amount, maxRate: quoted });
  });

  it("for a fee above what is accepted, paid or added, for any kind", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    const fee = feeOf(await market.book.loan(market.fixed));
    for (const duration of [0n, MONTH]) {
      for (const addFee of [false, true]) {
        for (const maxFee of [0n, fee - 1n]) {
          const order = { duration, addFee, maxFee };
          await expectUntouched(market, async () => {
            await expect(refinance(market, market.fixed, order))
              .to.be.revertedWithCustomError(market.book, "BreakFeeAboveMax")
              .withArgs(fee, maxFee);
          });
        }
      }
    }
    await refinance(market, market.open, { duration: MONTH, maxFee: 0n }); // it costs none
  });

  it("beyond the share of terms", async () => {
    const market = await networkHelpers.loadFixture(bothKinds);
    const { book, open, fixed } = market;
    const figures = await figuresOf(market, [fixed]);
    const most = mostTermDebt(figures);
    const room = most - figures.termDebt;
    const all = [most + 1n, most];
    const ether = "300";
    await expectRefused(market, async () => openTerm(market, { amount: room + 1n, ether }), "TermShareExceeded", all);
    const more = { duration: MONTH, amount: room + 1n };
    await expectRefused(market, async () => refinance(market, fixed, more), "TermShareExceeded", all);
    const owed = await book.debtOf(open);
    const whole = { duration: MONTH, amount: room - owed + 1n };
    await expectRefused(market, async () => refinance(market, open, whole), "TermShareExceeded", all);
    const fee = feeOf(await book.loan(fixed));
    const withFee = { duration: MONTH, amount: room - fee + 1n, addFee: true };
    await expectRefused(market, async () => refinance(market, fixed, withFee), "TermShareExceeded", all);
  });
});
