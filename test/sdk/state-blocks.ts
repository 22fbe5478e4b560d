import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { MarketHistory } from "../../sdk/src/state/market-history.ts";
import { collect, noNames } from "../differential/state-figures.ts";
import { DAY, ethers, networkHelpers } from "../helpers/chain.ts";
import { openLoan, standardMarket, usdc, waitWithLiveFeeds, WETH, weth, type Market } from "../helpers/market.ts";
import { blocksOf, expectOnChain } from "../helpers/state-history.ts";

const gas = { gasLimit: 3_000_000n };

/** A block in which four transactions book interest, of which the first finds something to book. */
async function crowdedBlock(): Promise<Market> {
  const market = await standardMarket();
  const { book, vault, borrower, keeper, stranger, lender } = market;
  const id = await openLoan(market, { pledges: [[WETH, weth("100")]], amount: usdc("90,000") });
  await waitWithLiveFeeds(market, 9n * DAY);
  await ethers.provider.send("evm_setAutomine", [false]);
  await vault.connect(stranger).deposit(usdc("5,000.000001"), stranger, gas);
  await book.connect(borrower).borrow(id, usdc("1,234.5"), borrower, gas);
  await book.connect(keeper).repay(id, usdc("777.777777"), gas);
  await vault.connect(lender).withdraw(usdc("99"), lender, lender, gas);
  await ethers.provider.send("evm_mine", []);
  await ethers.provider.send("evm_setAutomine", [true]);
  await waitWithLiveFeeds(market, DAY);
  await book.connect(borrower).close(id, MaxUint256, borrower);
  return market;
}

describe("A block with several transactions", () => {
  it("books interest once, before the first of them", async () => {
    const market = await networkHelpers.loadFixture(crowdedBlock);
    const history = new MarketHistory();
    const names = noNames();
    let crowd: string[] = [];
    for (const block of await blocksOf(market)) {
      history.applyBlock(block);
      for (const event of block.logs) collect(names, event);
      const moved = block.logs.map(({ name }) => name).filter((name) => name !== "Transfer");
      if (moved.length === 4) crowd = moved;
      if (history.state.loanAssetFeed !== undefined) await expectOnChain(market, history.state, block, names);
    }
    expect(crowd.sort()).to.deep.equal(["Borrowed", "Deposit", "Repaid", "Withdraw"]);
    expect(history.state.loans.size).to.equal(0);
  });
});
