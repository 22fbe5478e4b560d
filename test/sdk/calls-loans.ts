/** What lenders and borrowers send through the SDK, and what it says came of it, against what the chain says. */
import { expect } from "chai";

import {
  authorise,
  borrow,
  close,
  lend,
  open,
  openCall,
  pledge,
  readLoan,
  refinance,
  release,
  repay,
  revokeSignatures,
  roll,
  sharesOf,
  withdraw,
} from "../../sdk/src/calls/index.ts";
import { signAuthorization } from "../../sdk/src/signatures.ts";
import { ANY_RATE } from "../helpers/terms.ts";
import { clock, DAY, ethers } from "../helpers/chain.ts";
import { deployMarket, loanId, openLoan, usdc, waitWithLiveFeeds, WBTC, wbtc, WETH, weth } from "../helpers/market.ts";
import { callsScene } from "./calls-scene.ts";

const TEN = [{ listing: 0, amount: weth("10") }];

describe("SDK: calls of lenders", () => {
  it("lend, and withdraw an amount, shares, or all", async () => {
    const { market, as } = await callsScene();
    const { vault, stranger, keeper, usdc: token } = market;
    const connection = as(stranger);
    const before = await token.balanceOf(stranger);
    const lent = await lend(connection, { amount: usdc("1,000") });
    expect(lent.assets).to.equal(usdc("1,000"));
    expect(lent.shares).to.equal(await vault.balanceOf(stranger));
    expect(await token.balanceOf(stranger)).to.equal(before - usdc("1,000"));

    const some = await withdraw(connection, { amount: usdc("100"), receiver: keeper.address });
    expect(some.assets).to.equal(usdc("100"));
    expect(lent.shares - some.shares).to.equal(await vault.balanceOf(stranger));
    expect(await token.balanceOf(stranger)).to.equal(before - usdc("1,000"));

    const third = await withdraw(connection, { shares: (lent.shares - some.shares) / 3n });
    expect(third.shares).to.equal((lent.shares - some.shares) / 3n);
    const left = await sharesOf(connection, stranger.address);
    expect(left).to.equal(lent.shares - some.shares - third.shares);
    const rest = await withdraw(connection, "all");
    expect(rest.shares).to.equal(left);
    expect(await vault.balanceOf(stranger)).to.equal(0n);
    expect(await token.balanceOf(stranger)).to.equal(before - usdc("100"));
    expect(rest.events.map(({ name }) => name)).to.deep.equal(["Transfer", "Withdraw"]);
  });

  it("lend for another, who lets the sender withdraw", async () => {
    const { market, as } = await callsScene();
    const { vault, stranger, keeper } = market;
    const { shares } = await lend(as(stranger), { amount: usdc("1,000"), receiver: keeper.address });
    expect(await vault.balanceOf(keeper)).to.equal(shares);
    await vault.connect(keeper).approve(stranger, shares);
    const { assets } = await withdraw(as(stranger), { shares, owner: keeper.address });
    expect(assets).to.be.within(usdc("1,000") - 1n, usdc("1,000"));
    expect(await vault.balanceOf(keeper)).to.equal(0n);
  });
});

describe("SDK: calls of borrowers", () => {
  it("live through a loan: open, pledge, borrow, repay, release, close", async () => {
    const { market, as } = await callsScene();
    const { book, borrower, weth: ether, usdc: token } = market;
    const connection = as(borrower);
    const [ethers0, dollars0] = [await ether.balanceOf(borrower), await token.balanceOf(borrower)];

    const opened = await open(connection, { number: 7n, pledges: TEN, amount: usdc("10,000") });
    const id = loanId(borrower, 7n);
    expect(opened).to.include({ id, borrowed: usdc("10,000"), rate: undefined, maturity: undefined });
    expect(await book.debtOf(id)).to.equal(usdc("10,000"));
    expect(opened.block).to.equal(await ethers.provider.getBlockNumber());
    expect(opened.events.map(({ name }) => name)).to.deep.equal(["Pledged", "Borrowed"]);

    await pledge(connection, { id, listing: 1, amount: wbtc("0.5") });
    expect((await pledge(connection, { id, listing: 0, amount: weth("1.5") })).pledged).to.equal(weth("1.5"));
    expect(await book.pledgeOf(id, WETH)).to.equal(weth("11.5"));
    expect(await book.pledgeOf(id, WBTC)).to.equal(wbtc("0.5"));

    expect((await borrow(connection, { id, amount: usdc("2,345.678901") })).borrowed).to.equal(usdc("2,345.678901"));
    await waitWithLiveFeeds(market, 20n * DAY);
    const debt = await book.debtOf(id);
    expect((await repay(connection, { id, amount: usdc("345") })).repaid).to.equal(usdc("345"));
    expect(await book.debtOf(id)).to.be.within(debt - usdc("345"), debt - usdc("345") + 1n);

    const released = await release(connection, { id, listing: 0, amount: weth("1") });
    expect(released.released).to.equal(weth("1"));
    expect((await release(connection, { id, listing: 0, amount: "all" })).released).to.equal(weth("10.5"));
    expect(await ether.balanceOf(borrower)).to.equal(ethers0);

    const owed = await book.debtOf(id);
    const closed = await close(connection, { id, maxAmount: owed });
    expect(closed.repaid).to.equal(owed);
    expect([closed.released, closed.kept]).to.deep.equal([new Map([[1, wbtc("0.5")]]), new Map()]);
    expect(await readLoan(connection, id)).to.deep.include({ base: 0n, pledges: new Map(), call: undefined });
    const spent = usdc("345") + owed - usdc("12,345.678901");
    expect(await token.balanceOf(borrower)).to.equal(dollars0 - spent);
  });

  it("repay and close all, without knowing what is owed", async () => {
    const { market, as } = await callsScene();
    const { book, borrower } = market;
    const connection = as(borrower);
    const { id } = await open(connection, { number: 0n, pledges: TEN, amount: usdc("10,000") });
    await waitWithLiveFeeds(market, 33n * DAY);
    const owed = await book.debtOf(id);
    expect((await repay(connection, { id, amount: "all" })).repaid).to.equal(owed);
    const { repaid, released } = await close(connection, { id, maxAmount: "all" });
    expect([repaid, released]).to.deep.equal([0n, new Map([[0, weth("10")]])]);
  });

  it("fix a rate, refinance, and roll", async () => {
    const { market, as } = await callsScene();
    const { book, borrower, keeper, usdc: token } = market;
    // A market must be old to lend for terms.
    await openLoan(market, { pledges: [[WETH, weth("100")]], amount: usdc("100,000"), owner: keeper });
    await waitWithLiveFeeds(market, 30n * DAY);
    const connection = as(borrower);
    const term = { duration: 30n * DAY, maxRate: ANY_RATE };
    const opened = await open(connection, { number: 0n, pledges: TEN, amount: usdc("10,000"), term });
    const { id } = opened;
    const stored = await book.loan(id);
    expect(opened).to.include({ rate: stored.rate, maturity: clock.now() + 30n * DAY });
    expect(stored.maturity).to.equal(opened.maturity);

    await waitWithLiveFeeds(market, 5n * DAY);
    const before = await token.balanceOf(borrower);
    const order = { id, amount: usdc("500"), maxFee: usdc("100"), addFee: false };
    const longer = await refinance(connection, { ...order, term: { ...term, duration: 60n * DAY } });
    expect(longer).to.include({ borrowed: usdc("500"), maturity: clock.now() + 60n * DAY });
    expect([longer.rate, longer.maturity]).to.deep.equal([(await book.loan(id)).rate, (await book.loan(id)).maturity]);
    expect(longer.fee).to.be.above(0n);
    expect(await token.balanceOf(borrower)).to.equal(before + usdc("500") - longer.fee);

    const added = await refinance(connection, { ...order, amount: 0n, addFee: true, term });
    expect(added.fee).to.be.above(0n);
    expect(await token.balanceOf(borrower)).to.equal(before + usdc("500") - longer.fee);

    await waitWithLiveFeeds(market, 30n * DAY);
    const rolled = await roll(as(keeper), { id });
    expect(rolled.events.map(({ name }) => name)).to.include("Rolled");
    expect((await book.loan(id)).maturity).to.equal(0n);

    const fixed = await refinance(connection, { id, term, amount: 0n, maxFee: 0n, addFee: false });
    expect(fixed.fee).to.equal(0n);
    await waitWithLiveFeeds(market, 30n * DAY);
    const opening = await refinance(connection, { id, amount: 0n, maxFee: 0n, addFee: false });
    expect([opening.rate, opening.maturity]).to.deep.equal([0n, 0n]);
    expect((await book.loan(id)).rate).to.equal(0n);
  });

  it("authorise operators by call and by signature, and revoke signatures", async () => {
    const { market, addresses, as } = await callsScene();
    const { book, borrower, keeper, stranger, usdc: token } = market;
    await authorise(as(borrower), { operator: keeper.address, isAuthorized: true });
    expect(await book.isAuthorized(borrower, keeper)).to.equal(true);

    // What the operator borrows goes to the owner unless it says otherwise; what it pledges comes from itself.
    const before = await token.balanceOf(borrower);
    const order = { owner: borrower.address, number: 3n, pledges: TEN, amount: usdc("1,000") };
    const { id } = await open(as(keeper), order);
    expect(id).to.equal(loanId(borrower, 3n));
    expect(await token.balanceOf(borrower)).to.equal(before + usdc("1,000"));
    const toItself = await token.balanceOf(keeper);
    await borrow(as(keeper), { id, amount: usdc("10"), receiver: keeper.address });
    expect(await token.balanceOf(keeper)).to.equal(toItself + usdc("10"));
    await authorise(as(borrower), { operator: keeper.address, isAuthorized: false });
    expect(await book.isAuthorized(borrower, keeper)).to.equal(false);

    const terms = { operator: keeper.address, isAuthorized: true, deadline: clock.now() + DAY };
    const signed = await signAuthorization(borrower, addresses.book, terms);
    const late = await signAuthorization(borrower, addresses.book, terms);
    await authorise(as(stranger), signed);
    expect(await book.isAuthorized(borrower, keeper)).to.equal(true);
    expect(late.authorization.nonce).to.equal(0n);
    const { nonce } = await revokeSignatures(as(borrower));
    expect(nonce).to.equal(1n);
    expect(await book.nonces(borrower)).to.equal(2n);
  });

  it("keep a pledge whose token does not move, and say so", async () => {
    const build = (): ReturnType<typeof deployMarket> => deployMarket({ contracts: { wbtc: "BlockingToken" } });
    const { market, as } = await callsScene(build);
    const { borrower } = market;
    const pledges = [...TEN, { listing: 1, amount: wbtc("1") }];
    const { id } = await open(as(borrower), { number: 0n, pledges, amount: usdc("10,000") });
    const blocking = await ethers.getContractAt("BlockingToken", await market.wbtc.getAddress());
    await blocking.getFunction("setBlocked")(borrower, true);
    const { released, kept } = await close(as(borrower), { id, maxAmount: "all" });
    expect([released, kept]).to.deep.equal([new Map([[0, weth("10")]]), new Map([[1, wbtc("1")]])]);
    expect((await readLoan(as(borrower), id)).pledges).to.deep.equal(kept);
  });

  it("are what any wallet can send", async () => {
    const { market, addresses } = await callsScene();
    const { book, borrower, weth: ether, wbtc: bitcoin } = market;
    const pledges = [...TEN, { listing: 1, amount: wbtc("1") }];
    const call = openCall(addresses, { number: 0n, pledges, amount: usdc("10,000") }, borrower.address);
    const spender = await book.getAddress();
    expect(call.to).to.equal(spender);
    expect(call.approvals).to.deep.equal([
      { token: await ether.getAddress(), spender, amount: weth("10") },
      { token: await bitcoin.getAddress(), spender, amount: wbtc("1") },
    ]);
    await borrower.sendTransaction({ to: call.to, data: call.data });
    expect(await book.debtOf(loanId(borrower, 0n))).to.equal(usdc("10,000"));
  });
});
