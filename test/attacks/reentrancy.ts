import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { AMPLE_GAS, deployActor, encode } from "../helpers/actor.ts";
import { ethers, networkHelpers } from "../helpers/chain.ts";
import { setCap } from "../helpers/governance.ts";
import { NO_LOAN } from "../helpers/loans.ts";
import {
  deployMarket,
  dollars,
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
import type { CallbackActor } from "../helpers/mocks.ts";
import { expectBalancedBooks, greedyOrder } from "./scene.ts";

const HOOKS = new ethers.Interface(["function setHooked(bool hooked)"]);
const BLOCKS = new ethers.Interface(["function setBlocked(address account, bool blocked)"]);

type Scene = Market & { actor: CallbackActor; self: string };

async function withActor(market: Market): Promise<Scene> {
  const actor = await deployActor(market);
  return { ...market, actor, self: await actor.getAddress() };
}

/** The loan asset calls back; the book already holds ten ether of the borrower's. */
async function hookedLoanAsset(): Promise<Scene> {
  const scene = await withActor(await deployMarket({ contracts: { usdc: "HookToken" } }));
  await openLoan(scene, { pledges: [[WETH, weth("10")]], amount: usdc("1,000") });
  await scene.actor.run(scene.usdc, HOOKS.encodeFunctionData("setHooked", [true]));
  return scene;
}

/** Ether calls back, bitcoin can be blocked, and the actor has pledged some of both. */
async function hookedAndBlocking(): Promise<Scene & { id: bigint }> {
  const market = await deployMarket({ contracts: { weth: "HookToken", wbtc: "BlockingToken" } });
  const scene = await withActor(market);
  const { book, actor, self } = scene;
  await scene.weth.mint(actor, weth("1"));
  await scene.wbtc.mint(actor, wbtc("20"));
  await setCap(scene, WBTC, wbtc("10"));
  const id = loanId(self);
  await actor.run(book, encode(book, "pledge", [id, WETH, weth("1")]));
  await actor.run(book, encode(book, "pledge", [id, WBTC, wbtc("10")]));
  await actor.run(scene.weth, HOOKS.encodeFunctionData("setHooked", [true]));
  return { ...scene, id };
}

/** Ten ether at 1,010 beside a debt of 15,000: a liquidation pays 10,000 and books a loss of 5,000. */
async function insolventLoan(): Promise<Scene & { id: bigint }> {
  const scene = await withActor(await standardMarket());
  const id = await openLoan(scene, { pledges: [[WETH, weth("10")]], amount: usdc("15,000") });
  await scene.feeds.weth.set(dollars("1,010"));
  await scene.usdc.mint(scene.actor, usdc("10,000"));
  return { ...scene, id };
}

describe("Attacks by re-entrancy", () => {
  // `open` sends the loan before it pulls the pledges: others' collateral as the attacker's own.
  it("a loan opened on ether that never came cannot be closed with the ether of others", async () => {
    const scene = await networkHelpers.loadFixture(hookedLoanAsset);
    const { book, actor, self, stranger } = scene;
    const id = loanId(self);
    const pledges = [{ listing: WETH, amount: weth("10") }];
    const open = encode(book, "open", [id, pledges, usdc("15,000"), self]);
    const close = { target: book, data: encode(book, "close", [id, MaxUint256, self]) };
    const carryOff = { target: scene.weth, data: encode(scene.weth, "transfer", [stranger.address, weth("10")]) };

    await actor.prepare([close, carryOff]);
    await expect(actor.run(book, open, AMPLE_GAS)).to.be.revertedWithCustomError(
      scene.weth,
      "ERC20InsufficientBalance",
    );
    expect(await book.loan(id)).to.deep.equal(NO_LOAN);

    // Brought back, it was a loan of nothing for nothing.
    await actor.prepare([close]);
    await actor.run(book, open, AMPLE_GAS);
    expect((await actor.outcomes()).map(({ success }) => success)).to.deep.equal([true]);
    expect(await book.loan(id)).to.deep.equal(NO_LOAN);
    expect(await scene.weth.balanceOf(actor)).to.equal(0n);
    expect(await scene.usdc.balanceOf(actor)).to.equal(0n);
    await expectBalancedBooks(scene);
  });

  it("cash credited before it is paid can be withdrawn only as far as it is there, and is all there after", async () => {
    const scene = await networkHelpers.loadFixture(hookedLoanAsset);
    const { vault, book, actor, borrower, self } = scene;
    // All shares are the actor's; a loan has taken 1,000 of the million.
    await vault.connect(scene.lender).transfer(actor, await vault.balanceOf(scene.lender));
    await scene.usdc.mint(actor, usdc("1,000"));
    const amounts = [usdc("1,000,000") - 1n, usdc("999,000")];
    await actor.prepare(
      amounts.map((amount) => ({ target: vault, data: encode(vault, "withdraw", [amount, self, self]) })),
    );

    await actor.run(book, encode(book, "repay", [loanId(borrower), MaxUint256]), AMPLE_GAS);

    const outcomes = (await actor.outcomes()).map(({ success }) => success);
    expect(outcomes).to.deep.equal([false, true]);
    expect(await scene.usdc.balanceOf(actor)).to.equal(usdc("999,000"));
    expect((await vault.state()).cash).to.equal(usdc("1,000"));
    await expectBalancedBooks(scene);
  });

  // Read-only re-entrancy (Curve's virtual price, 2022): views in the middle of a call.
  it("share price, debt and health read in the callback are those that stand after it", async () => {
    const scene = await networkHelpers.loadFixture(insolventLoan);
    const { vault, book, actor, id } = scene;
    const views = [
      { target: vault, data: encode(vault, "convertToAssets", [10n ** 30n]) },
      { target: vault, data: encode(vault, "totalAssets", []) },
      { target: vault, data: encode(vault, "totalDebt", []) },
      { target: vault, data: encode(vault, "state", []) },
      { target: book, data: encode(book, "healthOf", [id]) },
      { target: book, data: encode(book, "listings", [WETH]) },
    ];
    await actor.prepare(views);

    await actor.run(book, encode(book, "liquidate", [greedyOrder(id), "0x01"]));

    const inside = (await actor.outcomes()).map(({ result }) => result);
    const after: string[] = [];
    for (const { target, data } of views)
      after.push(await ethers.provider.call({ to: await target.getAddress(), data }));
    expect(inside).to.deep.equal(after);
    expect(await vault.totalAssets()).to.equal(usdc("995,000"));
  });

  it("a pledge that cannot leave is kept once, even where a callback filled its place under the cap", async () => {
    const scene = await networkHelpers.loadFixture(hookedAndBlocking);
    const { book, actor, self, id } = scene;
    const block = (blocked: boolean): string => BLOCKS.encodeFunctionData("setBlocked", [self, blocked]);
    const other = loanId(self, 2n);
    await actor.prepare([
      { target: book, data: encode(book, "pledge", [other, WBTC, wbtc("10")]) },
      { target: scene.wbtc, data: block(true) },
    ]);

    await actor.run(book, encode(book, "close", [id, 0n, self]), AMPLE_GAS);

    expect((await actor.outcomes()).map(({ success }) => success)).to.deep.equal([true, true]);
    expect(await book.pledgeOf(id, WETH)).to.equal(0n);
    expect(await book.pledgeOf(id, WBTC)).to.equal(wbtc("10"));
    expect(await book.pledgeOf(other, WBTC)).to.equal(wbtc("10"));
    await expectBalancedBooks(scene); // above the cap, but backed to the unit
    await actor.run(scene.wbtc, block(false));
    await expect(actor.run(book, encode(book, "pledge", [other, WBTC, 1n]))).to.be.revertedWithCustomError(
      book,
      "CapExceeded",
    );
    for (const loan of [id, other]) await actor.run(book, encode(book, "release", [loan, WBTC, MaxUint256, self]));
    expect(await scene.wbtc.balanceOf(actor)).to.equal(wbtc("20"));
    await expectBalancedBooks(scene);
  });
});
