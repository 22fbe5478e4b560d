import { expect } from "chai";
import { MaxUint256, ZeroAddress } from "ethers";

import { DAY, networkHelpers } from "../helpers/chain.ts";
import { setCap } from "../helpers/governance.ts";
import {
  debts,
  deployCore,
  dollars,
  LINK,
  link,
  loanAssetFeedConfig,
  loanId,
  ONE_DOLLAR,
  openLoan,
  standardMarket,
  usdc,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { deployBook, deployVault } from "../helpers/contracts.ts";
import { expectBalancedBooks, greedyOrder } from "./scene.ts";

type Scene = Market & { id: bigint };

async function standingLoan(): Promise<Scene> {
  const market = await standardMarket();
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
  return { ...market, id };
}

const ANY_TERM = { duration: 30n * DAY, maxRate: MaxUint256 };
const refinancing = { term: ANY_TERM, amount: 0n, maxFee: MaxUint256, addFee: false };

/** What only an owner may do to a loan, tried by someone else. */
const owners: Record<string, (scene: Scene) => Promise<unknown>> = {
  borrow: ({ book, stranger, id }) => book.connect(stranger).borrow(id, usdc("100"), stranger),
  release: ({ book, stranger, id }) => book.connect(stranger).release(id, WETH, 1n, stranger),
  close: ({ book, stranger, id }) => book.connect(stranger).close(id, MaxUint256, stranger),
  open: ({ book, stranger, borrower }) => book.connect(stranger).open(loanId(borrower, 9n), [], usdc("100"), stranger),
  openTerm: ({ book, stranger, borrower }) =>
    book.connect(stranger).openTerm(loanId(borrower, 9n), [], usdc("100"), ANY_TERM, stranger),
  refinance: ({ book, stranger, id }) =>
    book.connect(stranger).refinance(id, { ...refinancing, amount: usdc("100"), receiver: stranger }),
  "refinance, drawing nothing": ({ book, stranger, id }) =>
    book.connect(stranger).refinance(id, { ...refinancing, receiver: stranger }),
  "first pledge": ({ book, stranger, id }) => book.connect(stranger).pledge(id, LINK, 1n),
};

describe("Attacks by bystanders", () => {
  it("nobody does to a loan what is its owner's to do", async () => {
    const scene = await networkHelpers.loadFixture(standingLoan);
    const { book, stranger, borrower, id } = scene;
    for (const [name, attempt] of Object.entries(owners)) {
      await expect(attempt(scene), name)
        .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
        .withArgs(name.startsWith("open") ? loanId(borrower, 9n) : id, stranger.address);
    }
    await expect(book.connect(stranger).writeOff(id))
      .to.be.revertedWithCustomError(book, "NotWorthless")
      .withArgs(id, usdc("20,000"), usdc("5"));
  });

  it("nobody but the book moves the vault's debt, and nothing but a caller's own tokens pays", async () => {
    const {
      vault,
      book,
      borrower,
      stranger,
      keeper,
      feeds,
      id,
      usdc: token,
    } = await networkHelpers.loadFixture(standingLoan);
    const strangers = vault.connect(stranger);
    for (const call of [
      () => strangers.accrueDebt(),
      () => strangers.draw(stranger, 1n, debts({})),
      () => strangers.retire(debts({ scaled: usdc("10,000") }), usdc("10,000"), 0n),
      () => strangers.writeOff(debts({ scaled: usdc("10,000") })),
      () => strangers.refinanced(debts({ scaled: usdc("10,000") }), debts({}), 0n, 0n, 0n, stranger),
    ]) {
      await expect(call())
        .to.be.revertedWithCustomError(vault, "CallerNotBook")
        .withArgs(stranger.address, await book.getAddress());
    }
    // Everybody has approved the book without limit; repaying and liquidating still take from the caller alone.
    const owned = await token.balanceOf(borrower);
    await book.connect(stranger).repay(id, usdc("1,000"));
    await feeds.weth.set(dollars("1,000"));
    await book.connect(keeper).liquidate(greedyOrder(id), "0x");
    expect(await token.balanceOf(borrower)).to.equal(owned);
    expect(await token.balanceOf(stranger)).to.equal(usdc("21,000,000") - usdc("1,000"));
  });

  // Dust gifts: an id kept in use, an exact release that no longer empties, a close that fails.
  it("dust pledged by a stranger keeps no number in use and no loan from closing", async () => {
    const scene = await networkHelpers.loadFixture(standingLoan);
    const { book, borrower, stranger, id } = scene;
    await book.connect(stranger).pledge(id, WETH, 1n);
    await book.connect(borrower).close(id, MaxUint256, borrower);
    expect(await scene.weth.balanceOf(borrower)).to.equal(weth("10,000") + 1n);

    await expect(book.connect(stranger).pledge(id, WETH, 1n)).to.be.revertedWithCustomError(book, "NotOwnerOrOperator");
    await openLoan(scene, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
    await expectBalancedBooks(scene);
  });

  it("a stranger who repays cannot leave a loan that its owner may not leave", async () => {
    const { book, borrower, stranger, id } = await networkHelpers.loadFixture(standingLoan);
    await expect(book.connect(stranger).repay(id, usdc("9,900") + 1n))
      .to.be.revertedWithCustomError(book, "DebtBelowMin")
      .withArgs(usdc("100") - 1n, usdc("100"));
    await book.connect(stranger).repay(id, usdc("9,900"));
    // The owner's part payment is spoiled, its full one never is.
    await expect(book.connect(borrower).repay(id, 1n)).to.be.revertedWithCustomError(book, "DebtBelowMin");
    await book.connect(borrower).repay(id, usdc("10,000"));
    expect(await book.debtOf(id)).to.equal(0n);
  });

  // Caps as a weapon: fill the cap and the victim cannot add what saves it.
  it("a cap filled by an attacker stops no cure, and no attacker fills it further", async () => {
    const scene = await networkHelpers.loadFixture(standingLoan);
    const { book, borrower, stranger, feeds, id } = scene;
    await setCap(scene, WETH, weth("20"));
    await book.connect(stranger).pledge(loanId(stranger), WETH, weth("10"));
    await feeds.weth.set(dollars("1,200")); // call line 9,600
    await expect(book.connect(stranger).pledge(loanId(stranger), WETH, 1n))
      .to.be.revertedWithCustomError(book, "CapExceeded")
      .withArgs(WETH, weth("20") + 1n, weth("20"));

    await book.connect(borrower).pledge(id, WETH, weth("100"));

    expect(await book.pledgeOf(id, WETH)).to.equal(weth("10") + 416_666_666_666_666_667n); // 400 / 0.8 / 1,200
    const { debt, callLine } = await book.healthOf(id);
    expect(callLine).to.equal(debt);
    for (const payer of [borrower, stranger]) {
      await expect(book.connect(payer).pledge(id, WETH, 1n)).to.be.revertedWithCustomError(book, "CapExceeded");
    }
    expect((await book.listings(WETH)).held).to.equal(weth("20") + 416_666_666_666_666_667n);
  });

  // A deployment that can be squatted or mispaired.
  it("a book takes no vault of another book, and a vault no missing book", async () => {
    const { deployer, treasury, feeds, usdc: asset, vault, book } = await networkHelpers.loadFixture(standingLoan);
    const zero = ZeroAddress;
    const feed = loanAssetFeedConfig(feeds.usdc);
    const core = { authority: deployer, minDebt: usdc("100"), peg: ONE_DOLLAR };
    const config = { vault, ...core, loanAssetFeed: feed, sequencerFeed: zero };
    await expect(deployBook(deployer, [config, []])).to.be.revertedWithCustomError(book, "InvalidVault");
    await expect(deployVault(deployer, [asset, zero, treasury, deployer, 1n, "", ""])).to.be.revertedWithCustomError(
      vault,
      "InvalidBook",
    );
    await expect(deployVault(deployer, [asset, book, zero, deployer, 1n, "", ""])).to.be.revertedWithCustomError(
      vault,
      "InvalidTreasury",
    );
    const pair = await deployCore({ deployer, treasury, asset, depositCap: 1n, ...core, feed });
    expect(await pair.vault.BOOK()).to.equal(await pair.book.getAddress());
    expect(await pair.book.VAULT()).to.equal(await pair.vault.getAddress());
  });

  it("pledges of a debt-free loan are not within anyone's reach", async () => {
    const scene = await networkHelpers.loadFixture(standingLoan);
    const { book, borrower, keeper, feeds } = scene;
    const id = loanId(borrower, 5n);
    await book.connect(borrower).pledge(id, LINK, link("100"));
    await feeds.link.set(dollars("0.1"));
    await expect(book.connect(keeper).writeOff(id)).to.be.revertedWithCustomError(book, "NoDebt").withArgs(id);
    await expect(book.connect(keeper).liquidate(greedyOrder(id, LINK), "0x"))
      .to.be.revertedWithCustomError(book, "NotLiquidatable")
      .withArgs(id, 0n, usdc("7.5"));
    await book.connect(borrower).release(id, LINK, MaxUint256, borrower);
    await expectBalancedBooks(scene);
  });
});
