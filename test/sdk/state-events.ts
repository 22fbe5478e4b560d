import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { BOOK_EVENTS, VAULT_EVENTS } from "../../sdk/src/state/events.ts";
import { MarketHistory } from "../../sdk/src/state/market-history.ts";
import { collect, noNames } from "../differential/state-figures.ts";
import { deployActor } from "../helpers/actor.ts";
import { signAuthorization } from "../helpers/authorizations.ts";
import { clock, DAY, HOUR, networkHelpers, YEAR } from "../helpers/chain.ts";
import { bookAction, idOfAction, raiseDepositCap, setCap } from "../helpers/governance.ts";
import {
  deployMarket,
  dollars,
  LINK,
  link,
  loanId,
  openLoan,
  usdc,
  waitWithLiveFeeds,
  WBTC,
  wbtc,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { deployMock, type BlockingToken, type TestFeed } from "../helpers/mocks.ts";
import { blocksOf, expectOnChain } from "../helpers/state-history.ts";

const MONTH = { duration: 30n * DAY, maxRate: MaxUint256 };

const order = (id: bigint, maxRepay = MaxUint256) => ({ id, listing: WETH, maxRepay, minSeized: 0n });

/** A market in which every event has been emitted that the contracts can emit. */
async function everything(): Promise<Market> {
  const sequencer = await deployMock<TestFeed>("TestFeed", 0, 0n);
  await sequencer.setRound(0n, clock.now() - 30n * DAY, clock.now() - 30n * DAY);
  const market = await deployMarket({ contracts: { wbtc: "BlockingToken" }, sequencerFeed: sequencer });
  await market.usdc.mint(market.keeper, usdc("2,000,000"));
  await market.usdc.mint(market.borrower, usdc("2,000,000"));
  await terms(market);
  await losses(market);
  await offices(market);
  return market;
}

async function terms(market: Market): Promise<void> {
  const { vault, book, feeds, borrower, keeper, stranger } = market;
  const me = book.connect(borrower);
  const id = (number: bigint): bigint => loanId(borrower, number);
  const ether = [{ listing: WETH, amount: weth("10") }];
  const refinancing = { term: MONTH, amount: 0n, maxFee: MaxUint256, addFee: false, receiver: borrower };
  const ended = { ...refinancing, term: { duration: 0n, maxRate: 0n } };
  await openLoan(market, { pledges: [[WETH, weth("900")]], amount: usdc("600,000"), owner: stranger });
  await waitWithLiveFeeds(market, 40n * DAY);
  const { authorization, signature } = await signAuthorization(book, borrower, stranger);
  await book.connect(keeper).setAuthorizationWithSig(authorization, signature);
  await me.revokeSignatures();

  for (const number of [1n, 2n, 3n, 4n, 5n]) await me.openTerm(id(number), ether, usdc("14,900"), MONTH, borrower);
  await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("14,900"), number: 6n });
  await waitWithLiveFeeds(market, 3n * DAY + 1n);
  await book.connect(keeper).repay(id(1n), usdc("1,234.567891"));
  await me.refinance(id(2n), ended);
  await me.refinance(id(3n), { ...refinancing, addFee: true, receiver: stranger });
  await me.refinance(id(6n), { ...refinancing, amount: usdc("99.999999"), receiver: stranger });
  await me.close(id(4n), MaxUint256, borrower);
  await vault.flashLoan(await deployActor(market), market.usdc, usdc("1,000"), "0x");

  await feeds.weth.set(dollars("1,840"));
  await book.connect(stranger).callMarginBatch([id(1n), id(2n), id(3n), id(5n), id(6n)]);
  await me.repay(id(5n), usdc("1,000")); // cures
  await waitWithLiveFeeds(market, 25n * HOUR);
  await book.connect(keeper).liquidate(order(id(3n)), "0x"); // to its call line
  await book.connect(stranger).claimCredit(WETH, borrower);
  await waitWithLiveFeeds(market, 12n * HOUR);
  await book.connect(keeper).callMargin(id(2n)); // the first has lapsed
  await feeds.weth.set(dollars("1,700"));
  await waitWithLiveFeeds(market, HOUR);
  await book.connect(keeper).liquidate(order(id(2n)), "0x");
  await feeds.weth.set(dollars("1,400"));
  await book.connect(stranger).liquidateBatch([order(id(3n), usdc("5,000")), order(id(6n))], "0x");
  await waitWithLiveFeeds(market, 30n * DAY);
  for (const number of [1n, 5n]) await book.connect(stranger).roll(id(number));
}

async function losses(market: Market): Promise<void> {
  const { vault, book, feeds, treasurer, lender, borrower, keeper, stranger } = market;
  await waitWithLiveFeeds(market, YEAR);
  await vault.connect(stranger).accrue();
  const owing = [loanId(stranger), ...[1n, 2n, 3n, 5n, 6n].map((number) => loanId(borrower, number))];
  for (const id of owing) if ((await book.debtOf(id)) !== 0n) await book.connect(keeper).repay(id, MaxUint256);
  await book.connect(stranger).release(loanId(stranger), WETH, weth("3"), keeper);
  await vault.connect(treasurer).sweepReserves();
  const tiny = await openLoan(market, { pledges: [[WETH, weth("0.2")]], amount: usdc("150"), number: 7n });
  const lost = await openLoan(market, { pledges: [[LINK, link("2,000")]], amount: usdc("15,000"), number: 8n });
  const pledges: [bigint, bigint][] = [
    [WETH, weth("1")],
    [WBTC, wbtc("2")],
  ];
  const kept = await openLoan(market, { pledges, amount: usdc("20,000"), number: 9n });
  await feeds.link.set(dollars("6"));
  await book.connect(keeper).liquidate({ ...order(lost), listing: LINK }, "0x");
  await feeds.weth.set(dollars("20"));
  await book.connect(keeper).writeOff(tiny);
  await feeds.weth.set(dollars("1,400"));
  await (market.wbtc as BlockingToken).setBlocked(borrower, true);
  await book.connect(borrower).close(kept, MaxUint256, borrower);
  await vault.connect(lender).withdraw(usdc("12,345"), lender, lender);
  await vault.connect(lender).approve(stranger, 7n);
  await vault.connect(lender).transfer(stranger, 123_456n);
  await vault.connect(lender).transfer(lender, 1n);
}

async function offices(market: Market): Promise<void> {
  const { vault, book, curator, guardian } = market;
  await setCap(market, LINK, link("3"));
  await setCap(market, LINK, link("30"));
  await vault.connect(guardian).pause(0);
  await vault.connect(guardian).pause(1);
  await vault.connect(guardian).unpause(0);
  await vault.connect(guardian).lowerDepositCap(usdc("5"));
  await book.connect(guardian).retire(LINK);
  const action = bookAction("raiseCap", [WBTC, wbtc("600")]);
  for (const raised of [usdc("6"), usdc("7")]) await vault.connect(curator).propose(raiseDepositCap(raised));
  await book.connect(curator).propose(action);
  await book.connect(guardian).cancel(idOfAction(action));
  await vault.connect(guardian).cancelAll();
  await vault.connect(curator).propose(raiseDepositCap(usdc("8"))); // void: in the same second
  await waitWithLiveFeeds(market, DAY);
  await vault.connect(curator).propose(raiseDepositCap(usdc("9")));
}

describe("A market's state from its events, when every event has been emitted", () => {
  it("equals every view at every block", async () => {
    const market = await networkHelpers.loadFixture(everything);
    const history = new MarketHistory();
    const names = noNames();
    const seen = new Set<string>();
    for (const block of await blocksOf(market)) {
      history.applyBlock(block);
      for (const event of block.logs) {
        collect(names, event);
        seen.add(event.name);
      }
      if (history.state.loanAssetFeed !== undefined) await expectOnChain(market, history.state, block, names);
    }
    const known = new Set([...Object.keys(VAULT_EVENTS), ...Object.keys(BOOK_EVENTS)]);
    known.delete("EIP712DomainChanged"); // in the interface, but nothing emits it
    expect([...known].filter((name) => !seen.has(name))).to.deep.equal([]);
    expect(history.state.proposals.vault.size).to.equal(1);
  });

  it("knows every event of the contracts' interfaces, and no other", async () => {
    const { vault, book } = await networkHelpers.loadFixture(everything);
    for (const [contract, table] of [
      [vault, VAULT_EVENTS],
      [book, BOOK_EVENTS],
    ] as const) {
      const names: string[] = [];
      contract.interface.forEachEvent((event) => {
        names.push(`${event.name}(${event.inputs.map(({ name }) => name).join()})`);
      });
      const own = Object.entries(table).map(([name, fields]) => `${name}(${Object.keys(fields).join()})`);
      expect(own.sort()).to.deep.equal(names.sort());
    }
  });
});
