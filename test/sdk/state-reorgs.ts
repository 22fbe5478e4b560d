import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { InvalidInputError } from "../../sdk/src/errors/invalid-input.ts";
import { NothingToUndoError, UnlinkedBlockError } from "../../sdk/src/errors/state-errors.ts";
import { MarketHistory, type Block } from "../../sdk/src/state/market-history.ts";
import { collect, noNames } from "../differential/state-figures.ts";
import { DAY, ethers, networkHelpers } from "../helpers/chain.ts";
import {
  loanId,
  openLoan,
  standardMarket,
  usdc,
  waitWithLiveFeeds,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { blocksOf, expectOnChain, frozen } from "../helpers/state-history.ts";

interface Reorganised {
  market: Market;
  /** The chain as it was first, and as it is now. */
  first: Block[];
  second: Block[];
  /** How many blocks both begin with. */
  common: number;
}

/** A chain that took back what a borrower did, and in which it then did something else. */
async function reorganised(): Promise<Reorganised> {
  const market = await standardMarket();
  const { book, vault, borrower, stranger } = market;
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("9,000") });
  await waitWithLiveFeeds(market, DAY);
  const common = (await ethers.provider.getBlockNumber()) + 1;
  const snapshot = await networkHelpers.takeSnapshot();
  await book.connect(borrower).borrow(id, usdc("1,000"), borrower);
  await waitWithLiveFeeds(market, 3n);
  await vault.connect(stranger).deposit(usdc("500"), stranger);
  const first = await blocksOf(market);
  await snapshot.restore();
  await waitWithLiveFeeds(market, 2n);
  await book.connect(borrower).close(id, MaxUint256, borrower);
  await book
    .connect(borrower)
    .open(loanId(borrower, 2n), [{ listing: WETH, amount: weth("1") }], usdc("500"), borrower);
  return { market, first, second: await blocksOf(market), common };
}

describe("A chain that is reorganised", () => {
  let chain: Reorganised;

  before(async () => (chain = await reorganised()));

  /** A history with these blocks applied. */
  function of(blocks: readonly Block[], depth = 1024): MarketHistory {
    const history = new MarketHistory({ depth });
    for (const block of blocks) history.applyBlock(block);
    return history;
  }

  it("is followed by the parent's hash: the blocks taken back are undone, newest first", async () => {
    const { market, first, second, common } = chain;
    const history = of(first);
    const undone = second.slice(common).map((block) => history.applyBlock(block));
    const hashes = undone.map((headers) => headers.map(({ hash }) => hash));
    const gone = first.slice(common).map(({ hash }) => hash);
    expect(gone.length).to.be.above(2);
    expect(hashes).to.deep.equal([gone.reverse(), ...second.slice(common + 1).map(() => [])]);
    expect(frozen(history.state)).to.deep.equal(frozen(of(second).state));

    const names = noNames();
    for (const { logs } of second) for (const event of logs) collect(names, event);
    const last = second.at(-1) ?? expect.fail("there are blocks");
    await expectOnChain(market, history.state, last, names);
  });

  it("can be undone by hand, back to nothing", () => {
    const { first } = chain;
    const history = of(first);
    for (const block of first.toReversed()) expect(history.undoBlock().hash).to.equal(block.hash);
    expect(history.head).to.equal(undefined);
    expect(frozen(history.state)).to.deep.equal(frozen(new MarketHistory().state));
    expect(() => history.undoBlock()).to.throw(NothingToUndoError);
  });

  it("may bring the head a second time", () => {
    const { first } = chain;
    const history = of(first);
    const head = first.at(-1) ?? expect.fail("there are blocks");
    const before = frozen(history.state);
    expect(history.applyBlock(head).map(({ hash }) => hash)).to.deep.equal([head.hash]);
    expect(frozen(history.state)).to.deep.equal(before);
  });

  it("is refused beyond the blocks that are kept, and nothing changes", () => {
    const { first, second, common } = chain;
    const fork = second[common] ?? expect.fail("there is a fork");
    const reach = first.length - common;
    expect(of(first, reach).applyBlock(fork).length).to.equal(reach);

    const history = of(first, reach - 1);
    const before = frozen(history.state);
    expect(() => history.applyBlock(fork))
      .to.throw(UnlinkedBlockError)
      .with.property("number", fork.number);
    expect(frozen(history.state)).to.deep.equal(before);
    expect(history.head?.hash).to.equal(first.at(-1)?.hash);
  });

  it("may not leave out a block, unless it is said that it has no logs", () => {
    const { first } = chain;
    const last = first.at(-1) ?? expect.fail("there are blocks");
    const history = of(first.slice(0, -2));
    expect(() => history.applyBlock(last)).to.throw(UnlinkedBlockError);
    const skipped = first.at(-2) ?? expect.fail("there are blocks");
    expect(skipped.logs).to.deep.equal([]);

    const sparse = new MarketHistory();
    for (const [index, block] of first.entries()) {
      if (block.logs.length !== 0) sparse.applyBlock(block);
      else if ((first[index + 1]?.logs.length ?? 0) !== 0) sparse.skipTo(block);
    }
    expect(frozen(sparse.state)).to.deep.equal(frozen(of(first).state));
    expect(() => sparse.skipTo(last)).to.throw(InvalidInputError);
  });
});
