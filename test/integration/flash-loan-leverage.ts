import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { signAuthorization, type SignedAuthorization } from "../helpers/authorizations.ts";
import { networkHelpers } from "../helpers/chain.ts";
import {
  costAtVenue,
  deployOpener,
  deployVenue,
  etherUnit,
  expectNothingLeft,
  purseOf,
  purses,
  USDC_UNIT,
  VENUE_HAS,
  type LeverageOpener,
  type LeverageOrder,
  type SwapVenue,
} from "../helpers/flash-actors.ts";
import { expectInvariants } from "../helpers/invariants.ts";
import { NO_LOAN, openTermLoan } from "../helpers/loans.ts";
import { dollars, loanId, standardMarket, usdc, WETH, weth, type Market } from "../helpers/market.ts";
import { bps, Fraction } from "../helpers/mathematics.ts";
import { bring } from "../helpers/signature-scene.ts";

interface Scene extends Market {
  venue: SwapVenue;
  opener: LeverageOpener;
  order: LeverageOrder;
  /** What the owner signed: that the opener is its operator, and that it no longer is. */
  signed: [appointment: SignedAuthorization, dismissal: SignedAuthorization];
}

/** The borrower has ten ether, and wants to have thirty. Nothing is on chain but an approval of the ten. */
async function ordered(): Promise<Scene> {
  const market = await standardMarket();
  const { book, borrower } = market;
  const venue = await deployVenue(market);
  const opener = (await deployOpener(book, venue)).connect(borrower);
  await market.weth.connect(borrower).approve(opener, weth("10"));
  const signed: Scene["signed"] = [
    await signAuthorization(book, borrower, opener, { nonce: 0n }),
    await signAuthorization(book, borrower, opener, { nonce: 1n, isAuthorized: false }),
  ];
  const id = loanId(borrower, 7n);
  const order = { id, listing: WETH, brought: weth("10"), bought: weth("20"), maxPaid: usdc("41,000") };
  return { ...market, venue, opener, order, signed };
}

/** Twenty ether at 2,000, with three thousandths for the venue: 40,000 / 0.997. */
const PAID = 40_120_361_084n;

describe("A loan opened at leverage", () => {
  it("pledges what was brought and what was bought, and owes what that cost: one transaction, two signatures", async () => {
    const scene = await networkHelpers.loadFixture(ordered);
    const { vault, book, borrower, venue, opener, order, signed } = scene;
    expect(costAtVenue(weth("20"), etherUnit(2_000n), USDC_UNIT)).to.equal(PAID);
    const [money, ether, bitcoin] = await purseOf(scene, borrower);
    const self = await opener.getAddress();

    const opening = await opener.open(order, ...signed);
    await expect(opening).to.emit(vault, "FlashLoan").withArgs(self, self, usdc("41,000"));
    await expect(opening).to.emit(book, "Borrowed").withArgs(order.id, self, self, PAID);
    await expect(opening).to.emit(book, "AuthorizationSet").withArgs(borrower.address, self, true);
    await expect(opening).to.emit(book, "AuthorizationSet").withArgs(borrower.address, self, false);

    expect(await book.loan(order.id)).to.deep.equal(openTermLoan(PAID, 1n << WETH));
    expect(await book.debtOf(order.id)).to.equal(PAID);
    expect(await book.pledgeOf(order.id, WETH)).to.equal(weth("30"));
    expect(await purses(scene, borrower, venue, vault, book)).to.deep.equal([
      [money, ether - weth("10"), bitcoin],
      [VENUE_HAS.usdc + PAID, VENUE_HAS.weth - weth("20"), 0n],
      [usdc("1,000,000") - PAID, 0n, 0n],
      [0n, weth("30"), 0n],
    ]);
    expect((await vault.state()).cash).to.equal(usdc("1,000,000") - PAID);
    await expectNothingLeft(scene, opener, venue);
    await expectInvariants(scene, [order.id]);
  });

  it("leaves the opener without powers, and its order cannot be given again", async () => {
    const scene = await networkHelpers.loadFixture(ordered);
    const { book, borrower, opener, order, signed } = scene;
    await opener.open(order, ...signed);
    expect(await book.isAuthorized(borrower, opener)).to.equal(false);
    expect(await book.nonces(borrower)).to.equal(2n);
    await scene.weth.connect(borrower).approve(opener, MaxUint256);
    const again = { ...order, id: loanId(borrower, 8n) };
    await expect(opener.open(again, ...signed))
      .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
      .withArgs(again.id, await opener.getAddress());
  });

  it("does not fail because somebody brought the appointment a moment earlier", async () => {
    const scene = await networkHelpers.loadFixture(ordered);
    const { book, opener, order, signed } = scene;
    await bring(scene, signed[0]);
    await opener.open(order, ...signed);
    expect(await book.debtOf(order.id)).to.equal(PAID);
    expect(await book.isAuthorized(scene.borrower, opener)).to.equal(false);
    await expectNothingLeft(scene, opener, scene.venue);
  });

  it("goes to the borrow limit, and hardly further", async () => {
    const scene = await networkHelpers.loadFixture(ordered);
    const { book, opener, order, signed } = scene;
    // What is bought costs 1 / 0.997 of its value, and 78 % of all can be borrowed: x / 0.997 = 0.78 (10 + x).
    const highest = new Fraction(weth("7.8")).over(new Fraction(1_000n, 997n).minus(bps(7_800n))).floor();
    const step = weth("0.00000001"); // moves the two apart by 4.46 units
    const paidFor = (bought: bigint) => costAtVenue(bought, etherUnit(2_000n), USDC_UNIT);
    const valueOf = (bought: bigint) => ((weth("10") + bought) * usdc("2,000")) / weth("1");
    const limitOf = (bought: bigint) => (valueOf(bought) * 78n) / 100n;
    const [most, more] = [highest - step, highest + step];
    await expect(opener.open({ ...order, bought: more, maxPaid: usdc("80,000") }, ...signed))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(paidFor(more), limitOf(more));
    await opener.open({ ...order, bought: most, maxPaid: usdc("80,000") }, ...signed);
    const { debt, borrowLimit } = await book.healthOf(order.id);
    expect([debt, borrowLimit]).to.deep.equal([paidFor(most), limitOf(most)]);
    expect(borrowLimit - debt).to.be.within(0n, 6n);
  });

  describe("is not there, and nothing is spent but gas,", () => {
    async function expectUndone(scene: Scene, attempt: () => Promise<unknown>): Promise<void> {
      const { book, vault, borrower, venue, opener, order } = scene;
      const state = async () => [
        await book.nonces(borrower),
        await purses(scene, borrower, venue, vault, book, opener),
      ];
      const before = await state();
      await attempt();
      expect(await state()).to.deep.equal(before);
      expect(await book.loan(order.id)).to.deep.equal(NO_LOAN);
      expect(await book.isAuthorized(borrower, opener)).to.equal(false);
    }

    it("if the price rose beyond what the owner pays", async () => {
      const scene = await networkHelpers.loadFixture(ordered);
      const { venue, opener, feeds, order, signed } = scene;
      await feeds.weth.set(dollars("2,050"));
      const paid = costAtVenue(weth("20"), etherUnit(2_050n), USDC_UNIT);
      await expectUndone(scene, async () =>
        expect(opener.open(order, ...signed))
          .to.be.revertedWithCustomError(venue, "AboveMax")
          .withArgs(paid, usdc("41,000")),
      );
    });

    it("if the vault has not the money twice: it lends it for the moment, and then for good", async () => {
      const scene = await networkHelpers.loadFixture(ordered);
      const { vault, lender, opener, order, signed, usdc: asset } = scene;
      const enough = usdc("41,000") + PAID;
      await vault.connect(lender).withdraw(usdc("1,000,000") - enough + 1n, lender, lender);
      await expectUndone(scene, async () =>
        expect(opener.open(order, ...signed))
          .to.be.revertedWithCustomError(asset, "ERC20InsufficientBalance")
          .withArgs(await vault.getAddress(), PAID - 1n, PAID),
      );
      await vault.connect(lender).deposit(1n, lender);
      await opener.open(order, ...signed);
      expect((await vault.state()).cash).to.equal(usdc("41,000"));
    });

    it("if the owner does not bring what it said", async () => {
      const scene = await networkHelpers.loadFixture(ordered);
      const { borrower, opener, order, signed, weth: ether } = scene;
      await ether.connect(borrower).approve(opener, weth("9"));
      await expectUndone(scene, async () =>
        expect(opener.open(order, ...signed))
          .to.be.revertedWithCustomError(ether, "ERC20InsufficientAllowance")
          .withArgs(await opener.getAddress(), weth("9"), weth("10")),
      );
    });

    it("if the appointment is another's, or revoked, or the dismissal is missing", async () => {
      const scene = await networkHelpers.loadFixture(ordered);
      const { book, borrower, stranger, opener, order, signed } = scene;
      const [appointment, dismissal] = signed;
      const forged = await signAuthorization(book, stranger, opener);
      await expectUndone(scene, async () => {
        await expect(opener.open(order, forged, dismissal))
          .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
          .withArgs(order.id, await opener.getAddress());
        await expect(opener.open(order, appointment, appointment))
          .to.be.revertedWithCustomError(book, "InvalidAccountNonce")
          .withArgs(borrower.address, 1n);
      });
      await book.connect(borrower).revokeSignatures();
      await expectUndone(scene, async () =>
        expect(opener.open(order, ...signed))
          .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
          .withArgs(order.id, await opener.getAddress()),
      );
    });

    it("if another than the owner asks for it, with the owner's signatures", async () => {
      const scene = await networkHelpers.loadFixture(ordered);
      const { stranger, opener, order, signed } = scene;
      await expectUndone(scene, async () =>
        expect(opener.connect(stranger).open(order, ...signed))
          .to.be.revertedWithCustomError(opener, "NotOwner")
          .withArgs(order.id, stranger.address),
      );
    });
  });
});
