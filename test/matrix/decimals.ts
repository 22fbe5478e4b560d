import { networkHelpers } from "../helpers/chain.ts";
import { expectInvariants } from "../helpers/invariants.ts";
import * as lending from "./lending.ts";
import * as liquidations from "./liquidations.ts";
import * as loans from "./loans.ts";
import * as calls from "./margin-calls.ts";
import { COLLATERAL_DECIMALS, LOAN_ASSET_DECIMALS, marketWithSecond, sizedMarket, type Sized } from "./market.ts";
import * as terms from "./terms.ts";

const SCENARIOS: [title: string, run: (market: Sized) => Promise<bigint[]>][] = [
  ["deposits, mints, withdrawals and redemptions", lending.lendAndTakeBack],
  ["dust in shares", lending.lendDust],
  ["the price of a share with interest", lending.shareInterest],
  ["a loan at its borrow limit", loans.openAtLimit],
  ["a loan that grows, shrinks and is closed", loans.liveAndClose],
  ["a loan repaid to the smallest one, and then whole", loans.repayToTheSmallest],
  ["a loan with two pledges", loans.pledgeTwo],
  ["interest over months", loans.accrueForMonths],
  ["a fixed term, repaid in part and closed", terms.liveATerm],
  ["a fixed term that follows an open one, is renewed, and rolled", terms.changeTerms],
  ["all that fixed terms may owe", terms.fillTheTerms],
  ["a margin call and its cure, to the unit", calls.callAndCure],
  ["a soft liquidation to the call line, and the caller's credit", calls.sellToCallLine],
  ["a liquidation to the borrow limit", liquidations.liquidateToLimit],
  ["a liquidation in parts, after interest", liquidations.liquidateInParts],
  ["a liquidation of all the debt", liquidations.liquidateWhole],
  ["a liquidation of one pledge of two, then of the other", liquidations.liquidateOneOfTwo],
  ["a batch of liquidations", liquidations.liquidateBatch],
  ["a loss, borne by reserves and lenders", liquidations.loseSome],
  ["a write-off", liquidations.writeOffWorthless],
];

/** For each decimals of the loan asset, the collateral that is listed with two sources: each decimals once, but one. */
const WITH_SECOND = new Map<number, number>([
  [0, 8],
  [2, 0],
  [6, 18],
  [18, 24],
]);

for (const loanAssetDecimals of LOAN_ASSET_DECIMALS) {
  for (const collateralDecimals of COLLATERAL_DECIMALS) {
    describe(`A loan asset of ${loanAssetDecimals} decimals, collateral of ${collateralDecimals}`, () => {
      const fixture = sizedMarket(loanAssetDecimals, collateralDecimals);
      for (const [title, run] of SCENARIOS) {
        it(title, async () => {
          const market = await networkHelpers.loadFixture(fixture);
          await expectInvariants(market, await run(market));
        });
      }

      if (WITH_SECOND.get(loanAssetDecimals) !== collateralDecimals) return;
      const twoSources = marketWithSecond(loanAssetDecimals, collateralDecimals);
      it("a loan whose pledge has two sources", async () => {
        const market = await networkHelpers.loadFixture(twoSources);
        await expectInvariants(market, await liquidations.trustTwoSources(market));
      });
    });
  }
}
