/** What keepers send through the SDK, and what it says came of it, against what the chain says. */
import { expect } from "chai";

import {
  callMargin,
  claimCredit,
  clearMarginCall,
  liquidate,
  liquidateCall,
  writeOff,
} from "../../sdk/src/calls/index.ts";
import { UNLIMITED } from "../../sdk/src/math/loan-lines.ts";
import { clock, DAY, HOUR } from "../helpers/chain.ts";
import { dollars, loanId, openLoan, standardMarket, usdc, waitWithLiveFeeds, WETH, weth } from "../helpers/market.ts";
import { callsScene } from "./calls-scene.ts";

/** Three loans of the borrower: the first two are above their call lines if ether falls to 1,850, the third is sound. */
async function threeLoans(): ReturnType<typeof standardMarket> {
  const market = await standardMarket();
  for (const [number, amount] of [usdc("15,000"), usdc("14,900"), usdc("9,000")].entries()) {
    await openLoan(market, { pledges: [[WETH, weth("10")]], amount, number: BigInt(number) });
  }
  return market;
}

describe("SDK: calls of keepers", () => {
  it("call margin of one loan and of many, and clear what is cured", async () => {
    const { market, as } = await callsScene(threeLoans);
    const { book, borrower, keeper, feeds } = market;
    const [first, second, third] = [0n, 1n, 2n].map((number) => loanId(borrower, number));
    await feeds.weth.set(dollars("1,850"));
    const one = await callMargin(as(keeper), { id: first ?? 0n });
    expect(one.deadlines).to.deep.equal(new Map([[first, clock.now() + DAY]]));
    const many = await callMargin(as(keeper), { ids: [first ?? 0n, second ?? 0n, third ?? 0n] });
    expect(many.deadlines).to.deep.equal(new Map([[second, clock.now() + DAY]]));
    expect((await book.marginCallOf(second ?? 0n)).deadline).to.equal(clock.now() + DAY);

    await feeds.weth.set(dollars("2,000"));
    const cleared = await clearMarginCall(as(borrower), { id: first ?? 0n });
    expect(cleared.events.map(({ name }) => name)).to.deep.equal(["MarginCallCleared"]);
    expect((await book.marginCallOf(first ?? 0n)).deadline).to.equal(0n);
  });

  it("liquidate past the deadline, credit the caller, who claims it", async () => {
    const { market, as } = await callsScene(threeLoans);
    const { book, borrower, keeper, stranger, feeds, weth: ether, usdc: token } = market;
    const id = loanId(borrower, 0n);
    await feeds.weth.set(dollars("1,850"));
    await callMargin(as(stranger), { id });
    await waitWithLiveFeeds(market, DAY + 2n * HOUR);
    const [ethers0, dollars0] = [await ether.balanceOf(keeper), await token.balanceOf(keeper)];
    const done = await liquidate(as(keeper), { id, listing: 0, maxRepay: UNLIMITED, minSeized: 0n });
    const [fill] = done.fills;
    const seized = (await ether.balanceOf(keeper)) - ethers0;
    const repaid = dollars0 - (await token.balanceOf(keeper));
    const credit = await book.creditOf(stranger, WETH);
    expect(credit).to.be.above(0n);
    expect(done.fills).to.have.lengthOf(1);
    expect(fill).to.deep.equal({ id, listing: 0, repaid, seized, credit, writtenOff: 0n, isSoft: true });
    expect(done.repaid).to.equal(repaid);

    const own = await ether.balanceOf(stranger);
    const { claimed } = await claimCredit(as(stranger), { listing: 0 });
    expect(claimed).to.equal(credit);
    expect(await ether.balanceOf(stranger)).to.equal(own + credit);
  });

  it("liquidate many loans, each for its own, and leave out those that cannot be", async () => {
    const { market, addresses, as } = await callsScene(threeLoans);
    const { book, borrower, keeper, feeds, weth: ether, usdc: token } = market;
    await feeds.weth.set(dollars("1,700"));
    const orders = [0n, 1n, 2n].map((number) => {
      return { id: loanId(borrower, number), listing: 0, maxRepay: usdc("20,000"), minSeized: 0n };
    });
    const spender = await book.getAddress();
    expect(liquidateCall(addresses, { orders }).approvals).to.deep.equal([
      { token: await token.getAddress(), spender, amount: usdc("60,000") },
    ]);
    const [ethers0, dollars0] = [await ether.balanceOf(keeper), await token.balanceOf(keeper)];
    const { fills, repaid } = await liquidate(as(keeper), { orders });
    expect(fills.map(({ id, isSoft }) => [id, isSoft])).to.deep.equal([
      [orders[0]?.id, false],
      [orders[1]?.id, false],
    ]);
    expect(repaid).to.equal(dollars0 - (await token.balanceOf(keeper)));
    const seized = fills.reduce((sum, fill) => sum + fill.seized, 0n);
    expect(seized).to.equal((await ether.balanceOf(keeper)) - ethers0);
  });

  it("write off what is worth hardly anything", async () => {
    const { market, as } = await callsScene();
    const { book, borrower, keeper, feeds, weth: ether } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("0.3")]], amount: usdc("100") });
    await feeds.weth.set(dollars("10"));
    const owed = await book.debtOf(id);
    const before = await ether.balanceOf(keeper);
    const { debt } = await writeOff(as(keeper), { id });
    expect(debt).to.equal(owed);
    expect(await ether.balanceOf(keeper)).to.equal(before + weth("0.3"));
    expect((await book.loan(loanId(borrower))).base).to.equal(0n);
  });
});
