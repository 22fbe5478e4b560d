/** What keepers do: margin calls, liquidations, write-offs, credits. */
import { MaxUint256 } from "ethers";

import { debtOf, isCallable, isLiquidatable } from "../../sdk/src/math/loan-lens.ts";
import { previewCallMargin } from "../../sdk/src/previews/call-margin.ts";
import { previewClearMarginCall } from "../../sdk/src/previews/clear-margin-call.ts";
import { previewLiquidate } from "../../sdk/src/previews/liquidate.ts";
import type { Loan } from "../../sdk/src/types.ts";
import { NothingToDoError, type Acts, type Scene } from "./scene.ts";

export const KEEPER_ACTS: Acts = {
  "call margin": {
    weight: 6,
    run: async (scene) => {
      const { market } = scene;
      const loan = scene.loan((candidate) => isCallable(market, candidate));
      const { address: caller } = scene.actor;
      const outcome = previewCallMargin(scene.snapshot, loan, caller);
      await scene.previewed(outcome, caller, "callMargin", [loan.id]);
      return { event: "MarginCalled", args: { id: loan.id, caller, deadline: outcome.deadline }, outcome };
    },
  },
  "call many margins": {
    weight: 2,
    run: async (scene) => {
      const { market } = scene;
      const ids = Array.from({ length: 4 }, () => scene.loan((loan) => isCallable(market, loan)).id);
      await scene.byBook(scene.actor.address, "callMarginBatch", [ids]);
    },
  },
  "clear a margin call": {
    weight: 2,
    run: async (scene) => {
      const loan = scene.loan((candidate) => {
        const { debt, borrowLimit } = scene.healthOf(candidate);
        return candidate.call !== undefined && debt <= borrowLimit;
      });
      const outcome = previewClearMarginCall(scene.snapshot, loan);
      await scene.previewed(outcome, scene.actor.address, "clearMarginCall", [loan.id]);
      return { event: "MarginCallCleared", args: { id: loan.id }, outcome };
    },
  },
  liquidate: {
    weight: 7,
    run: async (scene) => {
      const { market } = scene;
      const loan = scene.loan((candidate) => isLiquidatable(market, candidate));
      const order = orderOn(scene, loan);
      const outcome = previewLiquidate(scene.snapshot, loan, order);
      await scene.previewed(outcome, scene.actor.address, "liquidate", [order, "0x"]);
      const { repaid, seized, credit, writtenOff, isSoft } = outcome;
      const args = { id: loan.id, repaid, seized: seized + credit, writtenOff, isSoft };
      return { event: "Liquidated", args, outcome };
    },
  },
  "liquidate many": {
    weight: 3,
    run: async (scene) => {
      const { market } = scene;
      const orders = Array.from({ length: 4 }, () =>
        orderOn(
          scene,
          scene.loan((loan) => isLiquidatable(market, loan)),
        ),
      );
      await scene.byBook(scene.actor.address, "liquidateBatch", [orders, "0x"]);
    },
  },
  "write off": {
    weight: 0.5,
    run: async (scene) => {
      const { market } = scene;
      const { id } = smallest(scene, market);
      await scene.tellPrices(WORTHLESS);
      try {
        await scene.byBook(scene.actor.address, "writeOff", [id]);
      } finally {
        await scene.tellPrices(ORDINARY);
      }
    },
  },
  "sell out in a crash": {
    weight: 0.5,
    run: async (scene) => {
      const loan = scene.loan();
      await scene.tellPrices(HALF);
      try {
        for (const listing of loan.pledges.keys()) {
          const order = { id: loan.id, listing, maxRepay: MaxUint256, minSeized: 0n };
          await scene.byBook(scene.actor.address, "liquidate", [order, "0x"]);
        }
      } finally {
        await scene.tellPrices(ORDINARY);
      }
    },
  },
  "claim a credit": {
    weight: 4,
    run: async (scene) => {
      const credits = scene.world.actors.flatMap(({ address: caller }) =>
        [...(scene.state.credits.get(caller) ?? [])].map(([listing, amount]) => ({ caller, listing, amount })),
      );
      if (credits.length === 0) throw new NothingToDoError();
      const { caller, listing, amount } = scene.random.pick(credits);
      await scene.byBook(caller, "claimCredit", [listing, scene.actor.address]);
      return { event: "CreditClaimed", args: { caller, amount } };
    },
  },
};

/** Factors of all prices. [1e-6] */
export const ORDINARY = 1_000_000n;
const HALF = 500_000n;
const WORTHLESS = 5_500n;

function orderOn(scene: Scene, loan: Loan): { id: bigint; listing: number; maxRepay: bigint; minSeized: bigint } {
  const { random } = scene;
  const listings = [...loan.pledges.keys()];
  if (listings.length === 0) throw new NothingToDoError();
  const most = debtOf(scene.market, loan);
  const maxRepay = random.chance(0.7) ? MaxUint256 : random.upTo(most);
  return { id: loan.id, listing: random.pick(listings), maxRepay, minSeized: 0n };
}

/** The loan with the least debt. */
function smallest(scene: Scene, market: Scene["market"]): Loan {
  const [loan] = scene.loans
    .map((owing) => ({ owing, debt: debtOf(market, owing) }))
    .filter(({ debt }) => debt !== 0n)
    .sort((a, b) => (a.debt < b.debt ? -1 : 1));
  if (loan === undefined) throw new NothingToDoError();
  return loan.owing;
}
