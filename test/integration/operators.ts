import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { MaxUint256, ZeroAddress, type ContractTransactionResponse } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { openStanding, type Standing } from "../helpers/exits.ts";
import {
  LINK,
  link,
  loanId,
  openLoan,
  standardMarket,
  usdc,
  WBTC,
  wbtc,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";

/** The keeper is the borrower's operator; both hold plenty of everything and have approved the book. */
type Scene = Market & Standing & { operator: HardhatEthersSigner };

async function withOperator(): Promise<Scene> {
  const market = await standardMarket();
  const { book, borrower, keeper: operator } = market;
  const standing = await openStanding(market);
  await book.connect(borrower).setAuthorization(operator, true);
  return { ...market, ...standing, operator };
}

type Deed = (scene: Scene, caller: HardhatEthersSigner) => Promise<ContractTransactionResponse>;

const NEW = 9n;
const pledges = [{ listing: WETH, amount: weth("2") }];

/** What only an owner or an operator may do, each with the loan it is done to. */
const DEEDS: Record<string, { deed: Deed; number: bigint }> = {
  open: {
    number: NEW,
    deed: async ({ book, borrower, stranger }, caller) =>
      book.connect(caller).open(loanId(borrower, NEW), pledges, usdc("1,000"), stranger),
  },
  "pledge an asset for the first time": {
    number: 1n,
    deed: async ({ book, id }, caller) => book.connect(caller).pledge(id, LINK, link("5")),
  },
  borrow: {
    number: 1n,
    deed: async ({ book, id, stranger }, caller) => book.connect(caller).borrow(id, usdc("50"), stranger),
  },
  release: {
    number: 1n,
    deed: async ({ book, id, stranger }, caller) => book.connect(caller).release(id, WETH, weth("1"), stranger),
  },
  close: {
    number: 1n,
    deed: async ({ book, id, stranger }, caller) => book.connect(caller).close(id, MaxUint256, stranger),
  },
};

/** How a deed changes what each of these holds: dollars, ether, LINK. */
const MOVES: Record<string, { operator: [bigint, bigint, bigint]; receiver: [bigint, bigint, bigint] }> = {
  open: { operator: [0n, -weth("2"), 0n], receiver: [usdc("1,000"), 0n, 0n] },
  "pledge an asset for the first time": { operator: [0n, 0n, -link("5")], receiver: [0n, 0n, 0n] },
  borrow: { operator: [0n, 0n, 0n], receiver: [usdc("50"), 0n, 0n] },
  release: { operator: [0n, 0n, 0n], receiver: [0n, weth("1"), 0n] },
  close: { operator: [-usdc("10,000"), 0n, 0n], receiver: [0n, weth("10"), 0n] },
};

async function holdings(scene: Scene, account: HardhatEthersSigner): Promise<bigint[]> {
  return Promise.all([scene.usdc, scene.weth, scene.link].map((token) => token.balanceOf(account)));
}

describe("Operators", () => {
  it("are named and unnamed by an owner, for all its loans", async () => {
    const { book, borrower, stranger } = await networkHelpers.loadFixture(standardMarket);
    expect(await book.isAuthorized(borrower, stranger)).to.equal(false);
    for (const isAuthorized of [true, true, false]) {
      await expect(book.connect(borrower).setAuthorization(stranger, isAuthorized))
        .to.emit(book, "AuthorizationSet")
        .withArgs(borrower.address, stranger.address, isAuthorized);
      expect(await book.isAuthorized(borrower, stranger)).to.equal(isAuthorized);
      expect(await book.isAuthorized(stranger, borrower)).to.equal(false);
    }
  });

  for (const [name, { deed }] of Object.entries(DEEDS)) {
    it(`may ${name}: from their own tokens, to whom they name, the owner's wallet untouched`, async () => {
      const scene = await networkHelpers.loadFixture(withOperator);
      const { operator, borrower, stranger } = scene;
      const before = await Promise.all([operator, stranger, borrower].map(async (one) => holdings(scene, one)));
      await deed(scene, operator);
      const after = await Promise.all([operator, stranger, borrower].map(async (one) => holdings(scene, one)));
      const changes = after.map((amounts, i) => amounts.map((amount, j) => amount - (before[i]?.[j] ?? 0n)));
      expect(changes).to.deep.equal([MOVES[name]?.operator, MOVES[name]?.receiver, [0n, 0n, 0n]]);
    });
  }

  it("act on each loan of the owner, those to come too", async () => {
    const scene = await networkHelpers.loadFixture(withOperator);
    const { book, operator, debtFree } = scene;
    await book.connect(operator).borrow(debtFree, usdc("100"), operator);
    const later = await openLoan(scene, { number: 3n, pledges: [[WETH, weth("1")]], amount: usdc("100") });
    await book.connect(operator).close(later, MaxUint256, operator);
    expect((await book.loan(later)).pledged).to.equal(0n);
  });

  it("are told apart in events: caller and payer are the operator, the id is the owner's", async () => {
    const { book, operator, stranger, id } = await networkHelpers.loadFixture(withOperator);
    await expect(book.connect(operator).borrow(id, usdc("50"), stranger))
      .to.emit(book, "Borrowed")
      .withArgs(id, operator.address, stranger.address, usdc("50"));
    await expect(book.connect(operator).pledge(id, LINK, link("5")))
      .to.emit(book, "Pledged")
      .withArgs(id, LINK, operator.address, link("5"));
    await expect(book.connect(operator).close(id, MaxUint256, stranger))
      .to.emit(book, "Repaid")
      .withArgs(id, operator.address, usdc("10,050"));
  });

  it("need their own tokens and approval: the owner's approval of the book is not theirs", async () => {
    const scene = await networkHelpers.loadFixture(withOperator);
    const { book, operator, id } = scene;
    await scene.weth.connect(operator).approve(book, 0n);
    await scene.usdc.connect(operator).approve(book, 0n);
    const address = await book.getAddress();
    await expect(DEEDS.open?.deed(scene, operator))
      .to.be.revertedWithCustomError(scene.weth, "ERC20InsufficientAllowance")
      .withArgs(address, 0n, weth("2"));
    await expect(book.connect(operator).close(id, MaxUint256, operator))
      .to.be.revertedWithCustomError(scene.usdc, "ERC20InsufficientAllowance")
      .withArgs(address, 0n, usdc("10,000"));
  });

  it("an owner needs no authorization, and cannot shut itself out", async () => {
    const scene = await networkHelpers.loadFixture(withOperator);
    const { book, borrower, id } = scene;
    await book.connect(borrower).setAuthorization(borrower, false);
    await book.connect(borrower).borrow(id, usdc("50"), borrower);
    await book.connect(borrower).setAuthorization(borrower, true);
    await book.connect(borrower).close(id, MaxUint256, borrower);
    expect(await book.debtOf(id)).to.equal(0n);
  });
});

describe("Operators, refused", () => {
  /** Each deed is refused with the loan it was tried on and who tried. */
  async function expectRefused(scene: Scene, caller: HardhatEthersSigner): Promise<void> {
    const { book, borrower } = scene;
    for (const [name, { deed, number }] of Object.entries(DEEDS)) {
      await expect(deed(scene, caller), name)
        .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
        .withArgs(loanId(borrower, number), caller.address);
    }
  }

  it("whoever was never named, officers included", async () => {
    const scene = await networkHelpers.loadFixture(withOperator);
    for (const caller of [scene.stranger, scene.lender, scene.curator, scene.guardian, scene.deployer]) {
      await expectRefused(scene, caller);
    }
  });

  it("whose authorization was revoked, at once", async () => {
    const scene = await networkHelpers.loadFixture(withOperator);
    await scene.book.connect(scene.borrower).setAuthorization(scene.operator, false);
    await expectRefused(scene, scene.operator);
  });

  it("on the loans of another owner, and the owner on theirs", async () => {
    const scene = await networkHelpers.loadFixture(withOperator);
    const { book, operator, borrower, stranger } = scene;
    const other = await openLoan(scene, { owner: stranger, pledges: [[WETH, weth("1")]], amount: usdc("100") });
    const own = await openLoan(scene, { owner: operator, pledges: [[WETH, weth("1")]], amount: usdc("100") });
    await expect(book.connect(operator).borrow(other, usdc("1"), operator))
      .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
      .withArgs(other, operator.address);
    await expect(book.connect(borrower).close(own, MaxUint256, borrower))
      .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
      .withArgs(own, borrower.address);
  });

  it("as operator of an operator: trust goes one step", async () => {
    const scene = await networkHelpers.loadFixture(withOperator);
    const { book, operator, stranger } = scene;
    await book.connect(operator).setAuthorization(stranger, true);
    await expectRefused(scene, stranger);
    // And an operator names nobody in the owner's name.
    expect(await book.isAuthorized(scene.borrower, stranger)).to.equal(false);
  });

  it("a loan of nobody: the zero address has no key and names no operator", async () => {
    const { book, operator } = await networkHelpers.loadFixture(withOperator);
    await expect(book.connect(operator).open(loanId(ZeroAddress), pledges, usdc("1,000"), operator))
      .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
      .withArgs(loanId(ZeroAddress), operator.address);
  });
});

describe("What needs no operator", () => {
  it("anyone repays any loan, and adds to what it holds, from his own tokens", async () => {
    const scene = await networkHelpers.loadFixture(withOperator);
    const { book, borrower, stranger, lender, id } = scene;
    const wallet = await holdings(scene, borrower);
    await book.connect(stranger).repay(id, usdc("1,000"));
    await book.connect(stranger).pledge(id, WETH, weth("1"));
    expect(await book.debtOf(id)).to.equal(usdc("9,000"));
    expect(await book.pledgeOf(id, WETH)).to.equal(weth("11"));
    expect(await holdings(scene, borrower)).to.deep.equal(wallet);
    // What was added is the owner's.
    await expect(book.connect(stranger).release(id, WETH, 1n, stranger))
      .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
      .withArgs(id, stranger.address);
    await expect(book.connect(lender).pledge(id, WBTC, wbtc("1")))
      .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
      .withArgs(id, lender.address);
    await book.connect(borrower).release(id, WETH, weth("5"), borrower);
  });

  it("what a loan held once and holds no more is a first pledge again", async () => {
    const { book, borrower, stranger, debtFree } = await networkHelpers.loadFixture(withOperator);
    await book.connect(borrower).release(debtFree, WBTC, MaxUint256, borrower);
    await expect(book.connect(stranger).pledge(debtFree, WBTC, 1n))
      .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
      .withArgs(debtFree, stranger.address);
  });
});
