import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { Random } from "../../scripts/play/random.ts";
import { clock, DAY, HOUR, networkHelpers } from "../helpers/chain.ts";
import {
  amountBetween,
  BITCOIN,
  ETHER,
  idOf,
  lensMarket,
  LINK,
  openAt,
  outcomeOf,
  someLoans,
  stir,
  wait,
  type LensMarket,
  type LensOptions,
} from "../helpers/lens.ts";
import { FeedMode } from "../helpers/mocks.ts";

const VARIANTS: LensOptions[] = [
  { assetDecimals: 0, etherDecimals: 18, hasSecond: true },
  { assetDecimals: 6, etherDecimals: 0, hasSecond: true },
  { assetDecimals: 6, etherDecimals: 18, hasSecond: true },
  { assetDecimals: 18, etherDecimals: 6, hasSecond: true },
];
const ROUNDS = 8;
const BORROW = 1; // ILenderVault.Activity

const peggedMarket = async (): Promise<LensMarket> => lensMarket({ hasSecond: true });
const sequencedMarket = async (): Promise<LensMarket> => lensMarket({ hasSequencer: true });

/** How the borrower's next draw of this amount would end. */
async function borrowing(market: LensMarket, id: bigint, amount: bigint): Promise<string> {
  const { book, borrower } = market;
  return outcomeOf(market, async () => book.connect(borrower).borrow.staticCall(id, amount, borrower));
}

/** How the borrower's next release of this amount would end. */
async function releasing(market: LensMarket, id: bigint, listing: bigint, amount: bigint): Promise<string> {
  const { book, borrower } = market;
  return outcomeOf(market, async () => book.connect(borrower).release.staticCall(id, listing, amount, borrower));
}

describe("Lens: the most that may be borrowed and released", () => {
  for (const [position, options] of VARIANTS.entries()) {
    const { assetDecimals = 6, etherDecimals = 18 } = options;
    const fixture = async (): Promise<LensMarket> => lensMarket(options);

    it(`is what the book accepts, to the unit: ${String(assetDecimals)} and ${String(etherDecimals)} decimals`, async () => {
      const refusals = new Set<string>();
      let [borrowed, released] = [0, 0];
      for (let round = 0; round < ROUNDS; round++) {
        const random = new Random(1_000 * position + round);
        const market = await networkHelpers.loadFixture(fixture);
        const { lens, book } = market;
        const ids = await someLoans(market, random);
        await stir(market, random);
        for (const id of ids) {
          const most = await lens.maxBorrow(book, id);
          if (most > 0n) {
            borrowed++;
            expect(await borrowing(market, id, most)).to.equal("");
          }
          const more = [most + 1n, most + amountBetween(random, 1n, market.unit * 1_000n), market.unit * 900_000n];
          for (const amount of more) {
            const refusal = await borrowing(market, id, amount);
            expect(refusal).not.to.equal("");
            refusals.add(refusal);
          }
          for (const listing of [ETHER, BITCOIN, LINK]) {
            const pledged = await book.pledgeOf(id, listing);
            const whole = await lens.maxRelease(book, id, listing);
            if (whole > 0n) {
              released++;
              expect(await releasing(market, id, listing, whole)).to.equal("");
            }
            const refusal = await releasing(market, id, listing, whole + 1n);
            if (pledged === 0n) expect(refusal).to.equal("NotPledged");
            else if (whole === pledged) expect(refusal).to.equal("PledgeTooSmall");
            else expect(refusal).to.be.oneOf(["AboveBorrowLimit", "LoanAssetFeedNotLive"]);
            refusals.add(refusal);
          }
        }
      }
      expect(borrowed).to.be.above(3);
      expect(released).to.be.above(3);
      expect([...refusals]).to.include.members(["AboveBorrowLimit", "NotPledged"]);
    });
  }

  it("leaves nothing when it was taken", async () => {
    const random = new Random(77);
    const market = await networkHelpers.loadFixture(peggedMarket);
    const { lens, book, borrower } = market;
    const id = await openAt(market, 0n, [[ETHER, 10n ** 19n]], 9_000n * market.unit);
    await wait(market, amountBetween(random, 30n * DAY, 90n * DAY));
    const most = await lens.maxBorrow(book, id);
    expect(most).to.be.above(0n);

    await book.connect(borrower).borrow(id, most, borrower);
    const { debt, borrowLimit } = await book.healthOf(id);
    expect(debt).to.be.within(borrowLimit - 1n, borrowLimit);
    expect(await lens.maxBorrow(book, id)).to.equal(0n);
    expect(await lens.maxRelease(book, id, ETHER)).to.be.below(10n ** 10n); // less than a unit of the loan asset is worth

    await book.connect(borrower).repay(id, 1_000n * market.unit);
    const freed = await lens.maxRelease(book, id, ETHER);
    await book.connect(borrower).release(id, ETHER, freed, borrower);
    expect(await lens.maxRelease(book, id, ETHER)).to.equal(0n);
  });

  it("of cash ends with the cash", async () => {
    const market = await networkHelpers.loadFixture(peggedMarket);
    const { lens, book, vault } = market;
    await openAt(market, 1n, [[BITCOIN, 100n * 10n ** 8n]], 995_000n * market.unit);
    const id = await openAt(market, 2n, [[ETHER, 100n * 10n ** 18n]], 100n * market.unit);
    await wait(market, 5n * DAY);
    expect((await vault.state()).cash).to.equal(4_900n * market.unit);

    expect(await lens.maxBorrow(book, id)).to.equal(4_900n * market.unit);
    expect(await borrowing(market, id, 4_900n * market.unit)).to.equal("");
    expect(await borrowing(market, id, 4_900n * market.unit + 1n)).to.equal("InsufficientCash");
  });

  it("is nothing where even that would leave a debt too small", async () => {
    const market = await networkHelpers.loadFixture(peggedMarket);
    const { lens, book, borrower, unit } = market;
    const id = idOf(borrower, 0n);
    await book.connect(borrower).pledge(id, ETHER, 64_102_564_102_564_102n); // worth 128.2 dollars, 99.999999 to borrow
    const { borrowLimit } = await book.healthOf(id);
    expect(borrowLimit).to.equal(100n * unit - 1n);

    expect(await lens.maxBorrow(book, id)).to.equal(0n);
    expect(await borrowing(market, id, 1n)).to.equal("DebtBelowMin");
    expect(await borrowing(market, id, borrowLimit)).to.equal("DebtBelowMin");
    expect(await borrowing(market, id, borrowLimit + 1n)).to.equal("AboveBorrowLimit");
    expect(await lens.maxRelease(book, id, ETHER)).to.equal(64_102_564_102_564_102n);

    await book.connect(borrower).pledge(id, ETHER, 500_000_000n);
    expect(await lens.maxBorrow(book, id)).to.equal(100n * unit);
    expect(await borrowing(market, id, 100n * unit)).to.equal("");
    expect(await borrowing(market, id, 100n * unit - 1n)).to.equal("DebtBelowMin");
    expect(await borrowing(market, id, 100n * unit + 1n)).to.equal("AboveBorrowLimit");
  });

  it("counts a retired pledge where it is released, and nowhere else", async () => {
    const market = await networkHelpers.loadFixture(peggedMarket);
    const { lens, book, admin, unit } = market;
    // 15,600 and 46,800 may be borrowed.
    const pledges: [bigint, bigint][] = [
      [ETHER, 10n * 10n ** 18n],
      [BITCOIN, 10n ** 8n],
    ];
    const id = await openAt(market, 0n, pledges, 31_200n * unit);
    expect(await lens.maxBorrow(book, id)).to.equal(31_200n * unit);
    expect(await lens.maxRelease(book, id, ETHER)).to.equal(10n * 10n ** 18n);
    expect(await lens.maxRelease(book, id, BITCOIN)).to.equal(66_666_666n);
    await book.connect(admin).retire(BITCOIN);

    expect(await lens.maxBorrow(book, id)).to.equal(0n);
    expect(await borrowing(market, id, 1n)).to.equal("AboveBorrowLimit");
    // Of ether nothing: alone it carries half of the debt. Of bitcoin as before, it counts toward its own release.
    expect(await lens.maxRelease(book, id, ETHER)).to.equal(0n);
    expect(await releasing(market, id, ETHER, 1n)).to.equal("AboveBorrowLimit");
    expect(await lens.maxRelease(book, id, BITCOIN)).to.equal(66_666_666n);
    expect(await releasing(market, id, BITCOIN, 66_666_666n)).to.equal("");
    expect(await releasing(market, id, BITCOIN, 66_666_667n)).to.equal("AboveBorrowLimit");
  });

  it("counts nothing for a pledge whose two sources are apart", async () => {
    const market = await networkHelpers.loadFixture(peggedMarket);
    const { lens, book, unit, collateral } = market;
    const pledges: [bigint, bigint][] = [
      [ETHER, 10n * 10n ** 18n],
      [BITCOIN, 10n ** 8n],
    ];
    const id = await openAt(market, 0n, pledges, 23_400n * unit);
    await collateral[0].feed.set(collateral[0].answer("1959")); // 2.05 percent below the other

    expect(await lens.maxBorrow(book, id)).to.equal(23_400n * unit);
    expect(await lens.maxRelease(book, id, ETHER)).to.equal(10n * 10n ** 18n);
    expect(await lens.maxRelease(book, id, BITCOIN)).to.equal(50_000_000n);

    await collateral[1].feed.set(collateral[1].answer("29999"));
    expect(await lens.maxRelease(book, id, ETHER)).to.equal(0n);
    expect(await releasing(market, id, ETHER, 1n)).to.equal("AboveBorrowLimit");
  });

  it("is nothing while borrowing is paused; releases go on", async () => {
    const market = await networkHelpers.loadFixture(peggedMarket);
    const { lens, book, vault, admin, unit } = market;
    const id = await openAt(market, 0n, [[ETHER, 10n * 10n ** 18n]], 7_800n * unit);
    await vault.connect(admin).pause(BORROW);

    expect(await lens.maxBorrow(book, id)).to.equal(0n);
    expect(await borrowing(market, id, 1n)).to.equal("Paused");
    expect(await lens.maxRelease(book, id, ETHER)).to.equal(5n * 10n ** 18n);
    expect(await releasing(market, id, ETHER, 5n * 10n ** 18n)).to.equal("");

    await wait(market, 14n * DAY - 1n);
    expect(await lens.maxBorrow(book, id)).to.equal(0n);
    await wait(market, 1n);
    const most = await lens.maxBorrow(book, id);
    expect(await borrowing(market, id, most)).to.equal("");
    expect(await borrowing(market, id, most + 1n)).to.equal("AboveBorrowLimit");
  });

  it("is nothing while the loan asset's feed is dead, but a loan without debt lets all go", async () => {
    const market = await networkHelpers.loadFixture(peggedMarket);
    const { lens, book, borrower, loanFeed, unit } = market;
    const id = await openAt(market, 0n, [[ETHER, 10n * 10n ** 18n]], 7_800n * unit);
    await loanFeed.setMode(FeedMode.revert);

    expect(await lens.maxBorrow(book, id)).to.equal(0n);
    expect(await borrowing(market, id, 1n)).to.equal("LoanAssetFeedNotLive");
    expect(await lens.maxRelease(book, id, ETHER)).to.equal(0n);
    expect(await releasing(market, id, ETHER, 1n)).to.equal("LoanAssetFeedNotLive");

    await book.connect(borrower).repay(id, MaxUint256);
    expect(await lens.maxRelease(book, id, ETHER)).to.equal(10n * 10n ** 18n);
    expect(await releasing(market, id, ETHER, 10n * 10n ** 18n)).to.equal("");
  });

  it("is nothing while the sequencer is down, and for an hour after", async () => {
    const market = await networkHelpers.loadFixture(sequencedMarket);
    const { lens, book, sequencer, unit } = market;
    await wait(market, HOUR);
    const id = await openAt(market, 0n, [[ETHER, 10n * 10n ** 18n]], 7_800n * unit);
    expect(await borrowing(market, id, await lens.maxBorrow(book, id))).to.equal("");
    const expectNothing = async (): Promise<void> => {
      expect(await lens.maxBorrow(book, id)).to.equal(0n);
      expect(await borrowing(market, id, 1n)).to.equal("SequencerNotReady");
      expect(await lens.maxRelease(book, id, ETHER)).to.equal(0n);
      expect(await releasing(market, id, ETHER, 1n)).to.equal("SequencerNotReady");
    };

    await sequencer.set(1n);
    await expectNothing();
    await sequencer.setMode(FeedMode.revert);
    await expectNothing();
    await sequencer.setMode(FeedMode.answer);
    await sequencer.setAt(0n, clock.now());
    await expectNothing();
    await wait(market, HOUR - 1n);
    await expectNothing();

    await wait(market, 1n);
    const most = await lens.maxBorrow(book, id);
    expect(most).to.be.above(7_000n * unit);
    expect(await borrowing(market, id, most)).to.equal("");
    expect(await lens.maxRelease(book, id, ETHER)).to.be.above(4n * 10n ** 18n);
  });
});
