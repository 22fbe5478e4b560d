import { expect } from "chai";

import { Random } from "../../scripts/play/random.ts";
import { viewOf } from "../../sdk/src/market/market-snapshot.ts";
import { snapshotOf } from "../../sdk/src/market/snapshot-of.ts";
import { screen } from "../../sdk/src/monitor/screen.ts";
import { MarketHistory } from "../../sdk/src/state/market-history.ts";
import { clock, ethers, HOUR, networkHelpers } from "../helpers/chain.ts";
import { lensMarket, someLoans, stir, wait, type LensMarket } from "../helpers/lens.ts";
import { inOrder, judged } from "../helpers/monitor.ts";
import { blocksOf } from "../helpers/state-history.ts";
import { readRounds } from "../helpers/rounds.ts";

/** Applies what has become of the chain since; what was taken back is undone. Returns how many blocks that were. */
async function catchUp(history: MarketHistory, market: LensMarket): Promise<number> {
  let undone = 0;
  let fork = history.head?.number ?? -1;
  while (fork >= 0 && (await ethers.provider.getBlock(fork))?.hash !== history.head?.hash) {
    history.undoBlock();
    undone++;
    fork = history.head?.number ?? -1;
  }
  for (const block of await blocksOf(market, fork + 1)) history.applyBlock(block);
  return undone;
}

describe("SDK monitor: what the lens finds on chain", () => {
  for (const [assetDecimals, etherDecimals, hasSequencer] of [
    [6, 18, true],
    [0, 8, false],
    [18, 0, false],
  ] as const) {
    it(`asset of ${assetDecimals} decimals, ether of ${etherDecimals}: from logs and feeds alone, through reorganisations`, async () => {
      const market = await lensMarket({ assetDecimals, etherDecimals, hasSequencer, hasSecond: hasSequencer });
      const { book, lens, keeper, sequencer } = market;
      await wait(market, 2n * HOUR); // the sequencer has been up for long enough
      const minDebt = await book.MIN_DEBT();
      const random = new Random(31 + assetDecimals);
      const ids = await someLoans(market, random);
      const history = new MarketHistory();
      let [callables, liquidatables, undone] = [0, 0, 0];
      const compare = async (): Promise<void> => {
        undone += await catchUp(history, market);
        const rounds = await readRounds(history.state);
        const now = clock.now();
        const view = viewOf(snapshotOf(history.state, rounds, minDebt, now));
        const { callable, liquidatable } = screen(history.state.loans, view);
        expect(inOrder(callable)).to.deep.equal(inOrder(await lens.callable(book, ids)));
        expect(inOrder(liquidatable)).to.deep.equal(inOrder(await lens.liquidatable(book, ids)));
        expect(judged(view, history.state.loans.values())).to.deep.equal({
          callable: inOrder(callable),
          liquidatable: inOrder(liquidatable),
        });
        callables += callable.size;
        liquidatables += liquidatable.size;
      };
      await compare();
      for (let round = 0; round < 6; round++) {
        const before = await networkHelpers.takeSnapshot();
        await stir(market, random, [0.25, 0.9]);
        await compare();
        for (const id of await lens.callable(book, ids)) await book.connect(keeper).callMargin(id);
        await compare();
        // Once it was down meanwhile, which moves the deadlines.
        if (hasSequencer && round === 1) await sequencer.setRound(0n, clock.now(), clock.now());
        for (const hours of [23n, 2n, 12n]) {
          await clock.advance(hours * HOUR);
          await compare();
        }
        await before.restore();
      }
      await compare();
      expect(callables).to.be.greaterThan(3);
      expect(liquidatables).to.be.greaterThan(3);
      expect(undone).to.be.greaterThan(6);
    });
  }
});
