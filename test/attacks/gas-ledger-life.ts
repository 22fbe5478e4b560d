/**
 * A long random life of a book beside a plain model of it. An open-term loan keeps one pledge in its own word, where a fixed-term one
 * has its term: whatever order things happen in, no amount may become a term, none may be counted twice, and none may be lost.
 */
import { expect } from "chai";

import { BigRandom } from "../../scripts/vectors/big-random.ts";
import { networkHelpers } from "../helpers/chain.ts";
import { Life, LOAN_ACTS, type Act } from "./gas-ledger-acts.ts";
import { oldMarket } from "./gas-ledger-market.ts";

const SEEDS = [1, 2, 3];

const KINDS: (readonly [readonly Act[], number])[] = [
  [["open", "open", "openTerm", "pledge"], 5],
  [["release", "borrow", "repay", "refinance", "refinance", "roll", "close", "closeRefused"], 6],
  [["callMargin", "liquidate", "liquidateBatch"], 2],
  [["prices", "wait", "wait"], 2],
];

/** What is left of a loan when next to nothing is worth anything, until prices are what they were. */
const CRISIS: readonly Act[] = ["disaster", "writeOff", "writeOff", "liquidate", "liquidateBatch", "recovery"];

/** Margin is called, and what is due, or worse, is sold, for a credit. */
const NOTICE: readonly Act[] = [
  ...(["prices", "callMargin", "callMargin", "callMargin", "callMargin", "wait"] as const),
  ...(["liquidate", "liquidate", "liquidateBatch", "claimCredit", "claimCredit"] as const),
];

/** Terms end. */
const MATURITY: readonly Act[] = ["wait", "wait", "wait", "wait", "roll", "pledge", "roll"];

/** What matters here must have happened so often in all lives together. */
const OFTEN = 10;
const RARE: readonly Act[] = ["roll", "writeOff", "callMargin", "claimCredit"];

describe("A book beside a plain model of it", () => {
  const done = new Map<Act, number>();

  for (const seed of SEEDS) {
    it(`says the same after each of 400 acts, seed ${seed}`, async () => {
      const life = new Life(await networkHelpers.loadFixture(oldMarket), seed, done);
      const random = new BigRandom(1_000 + seed);
      while (life.acted < 400) {
        const single = [random.pick(random.weighed(KINDS))];
        const acts = random.weighed([
          [single, 0.9],
          [CRISIS, 0.03],
          [NOTICE, 0.04],
          [MATURITY, 0.03],
        ]);
        for (const act of acts) await life.act(act);
        if (life.acted % 25 === 0) await life.compareAll();
      }
      await life.compareAll();
      expect(life.acted).to.be.at.least(400);
    });
  }

  it("was compared after everything that can happen to a loan", () => {
    for (const name of LOAN_ACTS) expect(done.get(name) ?? 0, name).to.be.at.least(RARE.includes(name) ? 2 : OFTEN);
  });
});
