/** What borrowers do with their loans, and others for them: each call as the SDK previews it. */
import { MaxUint256 } from "ethers";

import { debtOf, maxBorrow, maxRelease } from "../../sdk/src/math/loan-lens.ts";
import { previewBorrow } from "../../sdk/src/previews/borrow.ts";
import { previewClose } from "../../sdk/src/previews/close.ts";
import { previewOpen } from "../../sdk/src/previews/open.ts";
import { previewPledge } from "../../sdk/src/previews/pledge.ts";
import { previewRefinance } from "../../sdk/src/previews/refinance.ts";
import { previewRelease } from "../../sdk/src/previews/release.ts";
import { previewRepay } from "../../sdk/src/previews/repay.ts";
import { previewRoll } from "../../sdk/src/previews/roll.ts";
import type { Loan } from "../../sdk/src/types.ts";
import { clock, DAY, YEAR } from "../helpers/chain.ts";
import { ANY_RATE, refinancing } from "../helpers/terms.ts";
import { DifferenceError } from "./comparison.ts";
import type { Outcome } from "./outcomes.ts";
import { NothingToDoError, type Acts, type Foretold, type Scene } from "./scene.ts";
import { pausedUntil } from "./state-figures.ts";

/** The activity of borrowing. */
export const BORROW = 1;

export const LOAN_ACTS: Acts = {
  open: {
    weight: 5,
    run: async (scene) => {
      const { actor, random } = scene;
      const { address: owner } = actor;
      const [id, { pledges, amount }] = [scene.freeId(actor), scene.order()];
      const outcome = previewOpen(scene.snapshot, { owner, number: numberOf(id), pledges, amount });
      const { address: receiver } = random.pick(scene.world.actors);
      await scene.previewed(outcome, owner, "open", [id, pledges, amount, receiver]);
      return { event: "Borrowed", args: { id, amount }, outcome };
    },
  },
  "open a term": {
    weight: 5,
    run: async (scene) => {
      const { actor } = scene;
      const { address: owner } = actor;
      const [id, { pledges, amount }] = [scene.freeId(actor), scene.order()];
      const term = { duration: durationOf(scene), maxRate: ANY_RATE };
      const outcome = previewOpen(scene.snapshot, { owner, number: numberOf(id), pledges, amount, term });
      await scene.previewed(outcome, owner, "openTerm", [id, pledges, amount, term, owner]);
      const { termRate: rate = 0n } = outcome;
      return { event: "TermStarted", args: { id, rate, maturity: clock.now() + term.duration }, outcome };
    },
  },
  pledge: {
    weight: 2,
    run: async (scene) => {
      const loan = scene.loan();
      const listings = [...(scene.random.chance(0.7) ? loan.pledges : scene.state.listings).keys()];
      if (listings.length === 0) throw new NothingToDoError();
      const pledge = scene.pledgeOf(scene.random.pick(listings), scene.random.within(1n, 5_000n));
      const outcome = previewPledge(scene.snapshot, loan, pledge);
      await scene.previewed(outcome, scene.manager(loan), "pledge", [loan.id, pledge.listing, pledge.amount]);
      return { event: "Pledged", args: { id: loan.id, amount: outcome.pledged }, outcome };
    },
  },
  release: {
    weight: 3,
    run: async (scene) => {
      const loan = scene.loan(({ pledges }) => pledges.size !== 0);
      const listing = scene.random.pick([...loan.pledges.keys(), 0]);
      const most = maxRelease(scene.market, loan, listing);
      const amount = scene.random.pick([most, most + 1n, scene.random.upTo(most), most / 8n]);
      const outcome = previewRelease(scene.snapshot, loan, { listing, amount });
      const manager = scene.manager(loan);
      requireLimit(amount, most, outcome);
      await scene.previewed(outcome, manager, "release", [loan.id, listing, amount, manager]);
      return { event: "Released", args: { id: loan.id, amount: outcome.released }, outcome };
    },
  },
  borrow: {
    weight: 3,
    run: async (scene) => {
      const loan = scene.loan(({ maturity }) => maturity === 0n);
      const isPaused = pausedUntil(scene.state, BORROW, clock.now()) !== 0n;
      const most = maxBorrow(scene.market, loan, scene.vault, isPaused);
      const amount = scene.random.pick([most, most + 1n, scene.random.upTo(most), most / 16n]);
      const outcome = previewBorrow(scene.snapshot, loan, amount);
      requireLimit(amount, most, outcome);
      await scene.previewed(outcome, scene.manager(loan), "borrow", [loan.id, amount, scene.actor.address]);
      return { event: "Borrowed", args: { id: loan.id, amount }, outcome };
    },
  },
  "repay a part": {
    weight: 3,
    run: async (scene) => {
      const loan = scene.loan();
      const most = debtOf(scene.market, loan) / scene.random.pick([1n, 4n, 100n]);
      return repay(scene, loan, scene.random.upTo(most) + 1n);
    },
  },
  "repay all": { weight: 1, run: async (scene) => repay(scene, scene.loan(), MaxUint256) },
  close: {
    weight: 1,
    run: async (scene) => {
      const loan = scene.loan();
      const { id } = loan;
      const outcome = previewClose(scene.snapshot, loan, MaxUint256);
      await scene.previewed(outcome, scene.manager(loan), "close", [id, MaxUint256, scene.ownerOf(id)]);
      const { paid: amount } = outcome;
      return amount === 0n
        ? { event: "Released", args: { id }, outcome }
        : { event: "Repaid", args: { id, amount }, outcome };
    },
  },
  "close, and a token cannot be sent": {
    weight: 0.5,
    run: async (scene) => {
      const { blocking, blockingAddress } = scene.world;
      const isBlocking = (loan: Loan): boolean => {
        return [...loan.pledges.keys()].some((n) => scene.state.listings.get(n)?.token === blockingAddress);
      };
      const loan = scene.loan(isBlocking);
      const owner = scene.ownerOf(loan.id);
      await blocking.setBlocked(owner, true);
      try {
        await scene.byBook(owner, "close", [loan.id, MaxUint256, owner]);
      } finally {
        await blocking.setBlocked(owner, false);
      }
    },
  },
  "to a term": { weight: 3, run: async (scene) => refinance(scene, durationOf(scene)) },
  "to an open term": { weight: 1, run: async (scene) => refinance(scene, 0n) },
  roll: {
    weight: 2,
    run: async (scene) => {
      const now = clock.now();
      const loan = scene.loan(({ maturity }) => maturity !== 0n && maturity <= now);
      const outcome = previewRoll(scene.snapshot, loan);
      await scene.previewed(outcome, scene.actor.address, "roll", [loan.id]);
      return { event: "Rolled", args: { id: loan.id }, outcome };
    },
  },
  "several calls at once": {
    weight: 1,
    run: async (scene) => {
      const { known } = scene.world;
      const loan = scene.loan();
      const amounts = [scene.amount(500n) + 1n, scene.amount(500n) + 1n];
      const calls = amounts.map((amount) => known.book.interface.encodeFunctionData("repay", [loan.id, amount]));
      await scene.byBook(scene.actor.address, "multicall", [calls]);
    },
  },
};

/** What may be done at most can be done, and one unit more cannot. */
function requireLimit(amount: bigint, most: bigint, { refusal }: Outcome): void {
  if (amount > most ? refusal === undefined : amount === most && most !== 0n && refusal !== undefined) {
    throw new DifferenceError(`The most is ${most}, and ${amount} is ${refusal?.name ?? "accepted"}.`);
  }
}

export async function repay(scene: Scene, loan: Loan, maxAmount: bigint): Promise<Foretold> {
  const { id } = loan;
  const outcome = previewRepay(scene.snapshot, loan, maxAmount);
  await scene.previewed(outcome, scene.actor.address, "repay", [id, maxAmount]);
  return { event: "Repaid", args: { id, amount: outcome.paid }, outcome };
}

async function refinance(scene: Scene, duration: bigint): Promise<Foretold> {
  const { random } = scene;
  const loan = scene.loan();
  const { id } = loan;
  const amount = random.chance(0.6) ? 0n : scene.amount(2_000n);
  const addFee = random.chance(0.5);
  const manager = scene.manager(loan);
  const order = refinancing(scene.signerOf(manager), { duration, amount, addFee });
  const term = duration === 0n ? undefined : { duration, maxRate: ANY_RATE };
  const outcome = previewRefinance(scene.snapshot, loan, { amount, addFee, maxFee: MaxUint256, term });
  await scene.previewed(outcome, manager, "refinance", [id, order]);
  const { fee, termRate: rate = 0n } = outcome;
  return { event: "Refinanced", args: { id, amount, fee, rate }, outcome };
}

/** A loan's number among those of its owner. */
function numberOf(id: bigint): bigint {
  return id & (2n ** 96n - 1n);
}

function durationOf({ random }: Scene): bigint {
  return random.within(7n * DAY, random.pick([10n * DAY, 60n * DAY, YEAR]));
}
