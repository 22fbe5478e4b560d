/** What is approved before a call, with tokens that have their ways, and what a bundle needs no approval for. */
import { expect } from "chai";

import {
  approve,
  bundle,
  lendCall,
  missingApprovals,
  openCall,
  permitCall,
  pledgeCall,
  send,
  type Approval,
} from "../../sdk/src/calls/index.ts";
import { signPermit } from "../../sdk/src/signatures.ts";
import { clock, DAY, ethers } from "../helpers/chain.ts";
import { deployMarket, loanId, usdc, WETH, weth } from "../helpers/market.ts";
import { callsScene } from "./calls-scene.ts";

const TEN = [{ listing: 0, amount: weth("10") }];

describe("SDK: approvals", () => {
  it("are told if they are missing, and given once", async () => {
    const { market, addresses, as } = await callsScene();
    const { book, borrower, weth: token } = market;
    await token.connect(borrower).approve(book, weth("9"));
    const { approvals } = openCall(addresses, { number: 0n, pledges: TEN, amount: usdc("10,000") }, borrower.address);
    const connection = as(borrower);
    expect(await missingApprovals(connection, borrower.address, approvals)).to.deep.equal(approvals);
    const [approval] = approvals as [Approval];
    const done = await approve(connection, approval);
    expect(done?.events).to.deep.equal([]);
    expect(await token.getFunction("allowance").staticCall(borrower, book)).to.equal(weth("10"));
    expect(await missingApprovals(connection, borrower.address, approvals)).to.deep.equal([]);
    expect(await approve(connection, approval)).to.equal(undefined);
  });

  it("of tokens such as USDT, which return nothing, go by way of 0", async () => {
    const build = (): ReturnType<typeof deployMarket> => deployMarket({ contracts: { usdc: "SilentToken" } });
    const { market, addresses, as } = await callsScene(build);
    const { vault, keeper, usdc: token } = market;
    const connection = as(keeper);
    const [approval] = lendCall(addresses, { amount: usdc("100") }, keeper.address).approvals as [Approval];
    const blocks = await ethers.provider.getBlockNumber();
    await approve(connection, approval);
    expect(await ethers.provider.getBlockNumber()).to.equal(blocks + 1);
    await approve(connection, { ...approval, amount: usdc("500") });
    expect(await ethers.provider.getBlockNumber()).to.equal(blocks + 3);
    expect(await token.getFunction("allowance").staticCall(keeper, vault)).to.equal(usdc("500"));
  });

  it("of one token are one", async () => {
    const { market, addresses } = await callsScene();
    const id = loanId(market.borrower);
    const more = pledgeCall(addresses, { id, listing: 0, amount: weth("1") });
    const { approvals } = bundle(addresses, [more, more]);
    expect(approvals).to.deep.equal([{ ...more.approvals[0], amount: weth("2") }]);
  });

  it("need no transaction of their own where a permit comes in a bundle", async () => {
    const { market, addresses, as } = await callsScene();
    const { book, borrower, weth: token } = market;
    await token.connect(borrower).approve(book, 0n);
    const terms = { spender: addresses.book, value: weth("10"), deadline: clock.now() + DAY };
    const permit = await signPermit(borrower, await token.getAddress(), terms);
    const order = { number: 4n, pledges: TEN, amount: usdc("10,000") };
    const call = bundle(addresses, [permitCall(addresses, permit), openCall(addresses, order, borrower.address)]);
    expect(call.approvals).to.deep.equal([]);
    const { events } = await send(as(borrower), call);
    expect(events.map(({ name }) => name)).to.deep.equal(["Pledged", "Borrowed"]);
    expect(await book.pledgeOf(loanId(borrower, 4n), WETH)).to.equal(weth("10"));

    const less = await signPermit(borrower, await token.getAddress(), { ...terms, value: weth("9") });
    const open = openCall(addresses, { ...order, number: 5n }, borrower.address);
    expect(bundle(addresses, [permitCall(addresses, less), open]).approvals).to.deep.equal(open.approvals);
  });
});
