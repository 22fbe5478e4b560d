import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { BOOK_EVENTS, VAULT_EVENTS } from "../../sdk/src/state/events.ts";
import { MarketHistory } from "../../sdk/src/state/market-history.ts";
import { collect, noNames } from "../differential/state-figures.ts";
import { clock, DAY, networkHelpers, YEAR } from "../helpers/chain.ts";
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
import { orderFor } from "../helpers/margin-calls.ts";
import { playTerms } from "../helpers/terms-story.ts";
import { blocksOf, expectOnChain } from "../helpers/state-history.ts";

/** A market in which every event has been emitted that the contracts can emit. */
async function everything(): Promise<Market> {
  const sequencer = await deployMock<TestFeed>("TestFeed", 0, 0n);
  await sequencer.setRound(0n, clock.now() - 30n * DAY, clock.now() - 30n * DAY);
  const market = await deployMarket({ contracts: { wbtc: "BlockingToken" }, sequencerFeed: sequencer });
  await market.usdc.mint(market.keeper, usdc("2,000,000"));
  await market.usdc.mint(market.borrower, usdc("2,000,000"));
  await playTerms(market);
  await losses(market);
  await offices(market);
  return market;
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
  await book.connect(keeper).liquidate(orderFor(lost, LINK), "0x");
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
