import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { AMPLE_GAS, deployActor, encode } from "../helpers/actor.ts";
import { NO_LOAN } from "../helpers/loans.ts";
import {
  deployMarket,
  dollars,
  loanId,
  openLoan,
  usdc,
  WBTC,
  wbtc,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import type { CallbackActor, HookToken } from "../helpers/mocks.ts";

interface Scene extends Market {
  actor: CallbackActor;
  /** The actor's address. */
  self: string;
  /** The actor's loan: 1 ether and 10 bitcoin pledged, 1,000 drawn. */
  id: bigint;
}

/** A market in which `hooked` calls its senders and receivers back, and an actor that has asked for it. */
async function scene(hooked: "usdc" | "weth"): Promise<Scene> {
  const market = await deployMarket({ contracts: { [hooked]: "HookToken" } });
  const actor = await deployActor(market);
  const self = await actor.getAddress();
  const id = loanId(self);
  await market.weth.mint(actor, weth("1"));
  await market.wbtc.mint(actor, wbtc("10.1"));
  await market.usdc.mint(actor, usdc("10,000"));
  // Others' collateral and debt: what a successful attack would take.
  await openLoan(market, {
    pledges: [
      [WETH, weth("100")],
      [WBTC, wbtc("100")],
    ],
    amount: usdc("100,000"),
  });
  const pledges = [
    { listing: WETH, amount: weth("1") },
    { listing: WBTC, amount: wbtc("10") },
  ];
  await actor.run(market.book, encode(market.book, "open", [id, pledges, usdc("1,000"), self]));
  const token = market[hooked] as HookToken;
  await actor.run(token, encode(token, "setHooked", [true]));
  return { ...market, actor, self, id };
}

async function hookedEther(): Promise<Scene> {
  return scene("weth");
}

async function hookedLoanAsset(): Promise<Scene> {
  return scene("usdc");
}

/** INV-01 and INV-04 for the loans of a scene: all tokens are there, and no debt is above its limit. */
async function expectBooksToHold({
  book,
  vault,
  usdc: asset,
  weth: ether,
  wbtc: bitcoin,
  id,
  borrower,
}: Scene): Promise<void> {
  expect(await asset.balanceOf(vault)).to.be.at.least((await vault.state()).cash);
  expect(await ether.balanceOf(book)).to.be.at.least((await book.listings(WETH)).held);
  expect(await bitcoin.balanceOf(book)).to.be.at.least((await book.listings(WBTC)).held);
  for (const listing of [WETH, WBTC]) {
    const pledges = (await book.pledgeOf(id, listing)) + (await book.pledgeOf(loanId(borrower), listing));
    expect((await book.listings(listing)).held).to.equal(pledges);
  }
  const { debt, borrowLimit } = await book.healthOf(id);
  expect(debt).to.be.at.most(borrowLimit);
  expect(await vault.totalDebt()).to.equal(debt + (await book.debtOf(loanId(borrower))));
}

async function outcome(actor: CallbackActor, position = 0): Promise<{ success: boolean; result: string }> {
  const found = (await actor.outcomes())[position];
  if (!found) throw new RangeError("The callback did not run.");
  return { success: found.success, result: found.result };
}

describe("Re-entrancy", () => {
  describe("from a collateral token that calls back", () => {
    it("a loan that is opened again while it is closed borrows against nothing that is on its way out", async () => {
      const attack = await networkHelpers.loadFixture(hookedEther);
      const { book, actor, self, id } = attack;
      // The ether goes first. When it arrives, the ten bitcoin must no longer count.
      const pledges = [{ listing: WBTC, amount: 1n }];
      await actor.prepare([{ target: book, data: encode(book, "open", [id, pledges, usdc("400,000"), self]) }]);

      await actor.run(book, encode(book, "close", [id, MaxUint256, self]), AMPLE_GAS);

      const { success, result } = await outcome(actor);
      expect(success).to.equal(false);
      // One base unit of bitcoin is worth 0.0006.
      expect(book.interface.parseError(result)?.name).to.equal("AboveBorrowLimit");
      expect(book.interface.parseError(result)?.args.toArray()).to.deep.equal([usdc("400,000"), usdc("0.000468")]);
      expect(await attack.wbtc.balanceOf(actor)).to.equal(wbtc("10.1"));
      await expectBooksToHold(attack);
    });

    it("a loan opened again with its own pledge while it is closed stands beside what leaves", async () => {
      const attack = await networkHelpers.loadFixture(hookedEther);
      const { book, actor, self, id } = attack;
      const pledges = [{ listing: WBTC, amount: wbtc("0.1") }];
      await actor.prepare([{ target: book, data: encode(book, "open", [id, pledges, usdc("4,680"), self]) }]);

      await actor.run(book, encode(book, "close", [id, MaxUint256, self]), AMPLE_GAS);

      expect((await outcome(actor)).success).to.equal(true);
      expect(await attack.wbtc.balanceOf(actor)).to.equal(wbtc("10"));
      expect(await book.pledgeOf(id, WBTC)).to.equal(wbtc("0.1"));
      expect(await book.debtOf(id)).to.equal(usdc("4,680"));
      await expectBooksToHold(attack);
    });

    it("a pledge cannot be released twice", async () => {
      const attack = await networkHelpers.loadFixture(hookedEther);
      const { book, actor, self, id } = attack;
      await actor.prepare([{ target: book, data: encode(book, "release", [id, WETH, weth("1"), self]) }]);

      await actor.run(book, encode(book, "release", [id, WETH, weth("1"), self]), AMPLE_GAS);

      const { success, result } = await outcome(actor);
      expect(success).to.equal(false);
      expect(book.interface.parseError(result)?.name).to.equal("NotPledged");
      expect(await attack.weth.balanceOf(actor)).to.equal(weth("1"));
      await expectBooksToHold(attack);
    });

    it("a pledge that has not arrived yet can be released only against its arrival", async () => {
      const attack = await networkHelpers.loadFixture(hookedEther);
      const { book, actor, self, id } = attack;
      await attack.weth.mint(actor, weth("5"));
      await actor.prepare([{ target: book, data: encode(book, "release", [id, WETH, weth("6"), self]) }]);

      // The token's hook runs before it moves: six ether leave the book before five enter.
      await actor.run(book, encode(book, "pledge", [id, WETH, weth("5")]), AMPLE_GAS);

      expect((await outcome(actor)).success).to.equal(true);
      expect(await attack.weth.balanceOf(actor)).to.equal(weth("6"));
      expect(await book.pledgeOf(id, WETH)).to.equal(0n);
      await expectBooksToHold(attack);
    });

    it("a loan cannot borrow twice against a pledge that is on its way in", async () => {
      const attack = await networkHelpers.loadFixture(hookedEther);
      const { book, actor, self } = attack;
      await attack.weth.mint(actor, weth("10"));
      const second = loanId(self, 2n);
      // 10 ether carry 15,600. The rest is tried when the ether is about to leave.
      await actor.prepare([{ target: book, data: encode(book, "borrow", [second, usdc("100"), self]) }]);

      const pledges = [{ listing: WETH, amount: weth("10") }];
      await actor.run(book, encode(book, "open", [second, pledges, usdc("15,600"), self]), AMPLE_GAS);

      const { success, result } = await outcome(actor);
      expect(success).to.equal(false);
      expect(book.interface.parseError(result)?.args.toArray()).to.deep.equal([usdc("15,700"), usdc("15,600")]);
      expect(await book.debtOf(second)).to.equal(usdc("15,600"));
    });

    it("a liquidation that is entered again from the seized token finds the loan brought back", async () => {
      const attack = await networkHelpers.loadFixture(hookedEther);
      const { book, actor, feeds, borrower } = attack;
      await attack.usdc.mint(actor, usdc("200,000"));
      const victim = await openLoan(attack, { pledges: [[WETH, weth("10")]], amount: usdc("15,351"), number: 2n });
      await feeds.weth.set(dollars("1,750"));
      const order = { id: victim, listing: WETH, maxRepay: MaxUint256, minSeized: 0n };
      await actor.prepare([{ target: book, data: encode(book, "liquidate", [order, "0x"]) }]);

      await actor.run(book, encode(book, "liquidate", [order, "0x"]), AMPLE_GAS);

      const { success, result } = await outcome(actor);
      expect(success).to.equal(false);
      expect(book.interface.parseError(result)?.name).to.equal("NotLiquidatable");
      expect(await book.debtOf(loanId(borrower, 2n))).to.equal(usdc("7,334.977379"));
    });

    it("a write-off cannot be entered again", async () => {
      const attack = await networkHelpers.loadFixture(hookedEther);
      const { book, actor, feeds, vault } = attack;
      const victim = await openLoan(attack, { pledges: [[WETH, weth("0.1")]], amount: usdc("150"), number: 2n });
      await feeds.weth.set(dollars("40"));
      await actor.prepare([{ target: book, data: encode(book, "writeOff", [victim]) }]);
      const assets = await vault.totalAssets();

      await actor.run(book, encode(book, "writeOff", [victim]), AMPLE_GAS);

      const { success, result } = await outcome(actor);
      expect(success).to.equal(false);
      expect(book.interface.parseError(result)?.name).to.equal("NoDebt");
      expect(await vault.totalAssets()).to.equal(assets - usdc("150"));
    });
  });

  describe("from a loan asset that calls back", () => {
    it("a loan opened again during its last repayment stands beside what leaves", async () => {
      const attack = await networkHelpers.loadFixture(hookedLoanAsset);
      const { book, actor, self, id } = attack;
      const pledges = [{ listing: WBTC, amount: 1n }];
      await actor.prepare([{ target: book, data: encode(book, "open", [id, pledges, usdc("400,000"), self]) }]);

      await actor.run(book, encode(book, "close", [id, MaxUint256, self]), AMPLE_GAS);

      const { success, result } = await outcome(actor);
      expect(success).to.equal(false);
      expect(book.interface.parseError(result)?.name).to.equal("AboveBorrowLimit");
      expect(await book.loan(id)).to.deep.equal(NO_LOAN);
      await expectBooksToHold(attack);
    });

    it("a debt is repaid once, however often it is entered", async () => {
      const attack = await networkHelpers.loadFixture(hookedLoanAsset);
      const { book, actor, id } = attack;
      await actor.prepare([{ target: book, data: encode(book, "repay", [id, MaxUint256]) }]);

      await actor.run(book, encode(book, "repay", [id, usdc("400")]), AMPLE_GAS);

      expect((await outcome(actor)).success).to.equal(true);
      expect(await attack.usdc.balanceOf(actor)).to.equal(usdc("10,000"));
      expect(await book.debtOf(id)).to.equal(0n);
      await expectBooksToHold(attack);
    });

    it("a draw is final before its money arrives", async () => {
      const attack = await networkHelpers.loadFixture(hookedLoanAsset);
      const { book, actor, self, id } = attack;
      // Limit: 1 ether and 10 bitcoin carry 469,560.
      await actor.prepare([
        { target: book, data: encode(book, "release", [id, WBTC, 1n, self]) },
        { target: book, data: encode(book, "borrow", [id, 1n, self]) },
      ]);

      await actor.run(book, encode(book, "borrow", [id, usdc("468,560"), self]), AMPLE_GAS);

      for (const position of [0, 1]) {
        const { success, result } = await outcome(actor, position);
        expect(success).to.equal(false);
        expect(book.interface.parseError(result)?.name).to.equal("AboveBorrowLimit");
      }
      expect(await book.debtOf(id)).to.equal(usdc("469,560"));
      await expectBooksToHold(attack);
    });

    it("a withdrawal that is entered again takes what is left, not the same twice", async () => {
      const attack = await networkHelpers.loadFixture(hookedLoanAsset);
      const { vault, actor, self } = attack;
      await actor.run(vault, encode(vault, "deposit", [usdc("10,000"), self]));
      await actor.prepare([{ target: vault, data: encode(vault, "withdraw", [usdc("6,000"), self, self]) }]);

      await actor.run(vault, encode(vault, "withdraw", [usdc("6,000"), self, self]), AMPLE_GAS);

      const { success, result } = await outcome(actor);
      expect(success).to.equal(false);
      expect(vault.interface.parseError(result)?.name).to.equal("ERC4626ExceededMaxWithdraw");
      expect(await attack.usdc.balanceOf(actor)).to.equal(usdc("7,000"));
      await expectBooksToHold(attack);
    });

    it("a deposit that is withdrawn before it is paid wins nothing", async () => {
      const attack = await networkHelpers.loadFixture(hookedLoanAsset);
      const { vault, actor, self } = attack;
      const assets = await vault.totalAssets();
      await actor.prepare([{ target: vault, data: encode(vault, "withdraw", [usdc("9,000"), self, self]) }]);

      await actor.run(vault, encode(vault, "deposit", [usdc("9,000"), self]), AMPLE_GAS);

      expect((await outcome(actor)).success).to.equal(true);
      expect(await attack.usdc.balanceOf(actor)).to.equal(usdc("11,000"));
      expect(await vault.totalAssets()).to.equal(assets);
      await expectBooksToHold(attack);
    });
  });
});
