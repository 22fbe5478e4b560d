import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { loanId, openLoan, usdc, WETH, weth } from "../helpers/market.ts";
import { MONTH, openTermLoan, refinancing, termMarket, type TermMarket } from "../helpers/terms.ts";
import { greedyOrder } from "./scene.ts";

/** No listing has these numbers: past the three, past the forty that there can be, and where a number and one more is nothing in 8 or 256 bits. */
const STRANGE = [3n, 39n, 40n, 41n, 254n, 255n, 256n, 2n ** 40n, 2n ** 96n, 2n ** 255n, MaxUint256 - 1n, MaxUint256];

type Scene = TermMarket & { open: bigint; fixed: bigint; none: bigint };

/** A loan of each kind against ether, and the number of one that does not exist. */
async function bothKinds(): Promise<Scene> {
  const market = await termMarket();
  const open = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000"), number: 1n });
  const fixed = await openTermLoan(market, { amount: usdc("10,000"), duration: MONTH, number: 2n });
  return { ...market, open, fixed, none: loanId(market.borrower, 3n) };
}

describe("Attacks by numbers of listings that there are not", () => {
  // A loan says in eight bits whose amount lies where others have a term: 1 + a number, which is 0 for the largest one.
  it("no loan of any kind pledges anything of them, whatever lies where an amount could", async () => {
    const { book, open, fixed, none, whale } = await networkHelpers.loadFixture(bothKinds);
    for (const id of [open, fixed, none, whale]) {
      for (const listing of STRANGE) expect(await book.pledgeOf(id, listing), `${listing}`).to.equal(0n);
    }
  });

  it("nothing of them is pledged, released, sold or claimed, and each call says why as ever", async () => {
    const { book, borrower, keeper, open, fixed, none } = await networkHelpers.loadFixture(bothKinds);
    for (const listing of STRANGE) {
      const pledges = [
        { listing: WETH, amount: weth("1") },
        { listing, amount: 1n },
      ];
      const term = { duration: MONTH, maxRate: MaxUint256 };
      const calls: (() => Promise<unknown>)[] = [
        async () => book.connect(borrower).pledge(open, listing, 1n),
        async () => book.connect(borrower).pledge(fixed, listing, 1n),
        async () => book.connect(borrower).open(none, pledges, usdc("1,000"), borrower),
        async () => book.connect(borrower).openTerm(none, pledges, usdc("1,000"), term, borrower),
        async () => book.listings(listing),
        async () => book.pricesOf(listing),
      ];
      for (const call of calls) {
        await expect(call()).to.be.revertedWithCustomError(book, "ListingNotFound").withArgs(listing, 3n);
      }
      for (const id of [open, fixed, none]) {
        await expect(book.connect(borrower).release(id, listing, MaxUint256, borrower))
          .to.be.revertedWithCustomError(book, "NotPledged")
          .withArgs(id, listing);
        await expect(book.connect(keeper).liquidate(greedyOrder(id, listing), "0x"))
          .to.be.revertedWithCustomError(book, "NotPledged")
          .withArgs(id, listing);
      }
      await expect(book.connect(keeper).claimCredit(listing, keeper))
        .to.be.revertedWithCustomError(book, "NoCredit")
        .withArgs(keeper.address, listing);
    }
  });

  it("the same where terms come and go", async () => {
    const { book, borrower, open, fixed } = await networkHelpers.loadFixture(bothKinds);
    await book.connect(borrower).refinance(open, refinancing(borrower, { duration: MONTH }));
    await book.connect(borrower).refinance(fixed, refinancing(borrower));
    for (const id of [open, fixed]) {
      for (const listing of STRANGE) expect(await book.pledgeOf(id, listing), `${listing}`).to.equal(0n);
    }
    expect(await book.pledgeOf(open, WETH)).to.equal(weth("10"));
    expect(await book.pledgeOf(fixed, WETH)).to.equal(weth("200"));
  });
});
