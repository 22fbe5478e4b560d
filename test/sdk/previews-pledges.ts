/** Previews of opening, pledging and releasing beside the calls themselves, to the last unit. */
import { expect } from "chai";
import { MaxUint256, parseUnits } from "ethers";

import { Random } from "../../scripts/play/random.ts";
import { viewOf } from "../../sdk/src/market/market-snapshot.ts";
import { saturatingSub } from "../../sdk/src/math/amounts.ts";
import { amountToCure, maxRelease } from "../../sdk/src/math/loan-lens.ts";
import { borrowLimit } from "../../sdk/src/math/loan-lines.ts";
import { previewOpen } from "../../sdk/src/previews/open.ts";
import type { OpenOrder, PledgeOrder } from "../../sdk/src/previews/outcomes.ts";
import { previewPledge } from "../../sdk/src/previews/pledge.ts";
import { previewRelease } from "../../sdk/src/previews/release.ts";
import type { Loan } from "../../sdk/src/types.ts";
import { DAY, HOUR } from "../helpers/chain.ts";
import { amountBetween, at } from "../helpers/lens.ts";
import type { LoanScene } from "./loan-scene.ts";
import { argsOf, BEGINNINGS, expectOnLoan, found, ownerOf, Tally, type Found, type Weather } from "./previews-scene.ts";

const WEATHERS: readonly Weather[] = [
  { factor: 0.99 },
  { factor: 0.88, called: 25n * HOUR, hasFullCaps: true },
  { factor: 0.86, called: HOUR, areApart: true, hasFullCaps: true, retired: [2, 4] },
  { factor: 1, hasMisfortunes: true, isLoanFeedDead: true, isSequencerBack: true },
  { factor: 1.02, isPaused: true },
];

const tally = new Tally();

describe("SDK: previews of pledges", () => {
  for (const [position, begin] of BEGINNINGS.entries()) {
    for (const number of [position, position + 1]) {
      it(`say what open, pledge and release do: market ${String(position)}, weather ${String(number)}`, async () => {
        const random = new Random(100 * position + number);
        const where = await found(begin, random, at(WEATHERS, number));
        for (let i = 0; i < 30; i++) await opens(where, random);
        for (const loan of where.loans) {
          await pledges(where, loan, random);
          await releases(where, loan, random);
        }
      });
    }
  }

  it("were compared in every way that a call can end", () => {
    tally.expectAll([
      ...[
        "open",
        "open for a term",
        "pledge",
        "pledge in part",
        "release",
        "LoanExists",
        "ListingNotFound",
        "ZeroAmount",
      ],
      ...["CapExceeded", "TooManyPledges", "AmountTooLarge", "DebtBelowMin", "AboveBorrowLimit", "ListingRetired"],
      ...["FeedNotLive", "LoanAssetFeedNotLive", "SequencerNotReady", "Paused", "InsufficientCash", "NotPledged"],
      ...["TermDurationOutOfRange", "TermShareExceeded", "RateAboveMax", "PledgeTooSmall"],
    ]);
  });
});

/** Tokens worth so many dollars. */
function tokensFor({ listings }: LoanScene, listing: number, dollars: bigint): bigint {
  const listed = listings[listing];
  if (listed === undefined) return dollars;
  return (dollars * 10n ** BigInt(listed.decimals + 2)) / parseUnits(listed.dollars, 2);
}

function randomOrder({ scene, market }: Found, random: Random): OpenOrder {
  const { unit, borrower } = scene;
  const count = random.pick([
    [0, 1],
    [1, 8],
    [2, 6],
    [3, 4],
    [4, 3],
    [5, 1],
  ]);
  const first = Math.floor(random.between(0, 6));
  const listed = random.uniform() < 0.1 ? 7 : 6; // a seventh there is not
  const isVast = random.uniform() < 0.25;
  const pledges: PledgeOrder[] = [];
  for (let i = 0; i < count; i++) {
    const listing = random.uniform() < 0.05 ? first : (first + i) % listed;
    const dollars = isVast ? 20_000_000n : amountBetween(random, 1n, 60_000n);
    pledges.push({ listing, amount: random.uniform() < 0.02 ? 0n : tokensFor(scene, listing, dollars) });
  }
  const known = pledges.filter(({ listing }) => listing < 6).map(({ listing, amount }) => [listing, amount] as const);
  const limit = borrowLimit(new Map(known), viewOf(market).board);
  const amount = random.pick([
    [(limit * amountBetween(random, 500n, 1_020n)) / 1_000n, 20],
    [amountBetween(random, 0n, 200n * unit), 2],
    [0n, 1],
    [2n ** 104n, 1],
    [2n ** 104n - 1n, 1],
  ]);
  const duration = random.pick([
    [amountBetween(random, 7n * DAY, 365n * DAY), 10],
    [0n, 1],
    [366n * DAY, 1],
  ]);
  const maxRate = random.uniform() < 0.8 ? MaxUint256 : 1n;
  const term = random.uniform() < 0.5 ? { duration, maxRate } : undefined;
  return { owner: borrower.address, number: 7n, pledges, amount, term };
}

async function opens(where: Found, random: Random): Promise<void> {
  const { scene, market, loans } = where;
  const { book, borrower } = scene;
  const existing = random.uniform() < 0.06 ? at(loans, 0) : undefined;
  const order = { ...randomOrder(where, random), number: existing === undefined ? 7n : existing.id % 2n ** 96n };
  const { amount, term } = order;
  const outcome = previewOpen(market, order, undefined, existing);
  tally.count(outcome.refusal?.name ?? (term === undefined ? "open" : "open for a term"));
  const args = [outcome.id, order.pledges, amount, ...(term === undefined ? [] : [term]), borrower.address];
  const sent = { from: borrower, to: book, name: term === undefined ? "open" : "openTerm", args };
  await expectOnLoan(scene, outcome, sent, outcome.id, (told) => {
    expect(argsOf(told, "Borrowed").amount).to.equal(amount);
    expect(outcome.termRate).to.equal(told.get("TermStarted")?.rate);
  });
}

async function pledges(where: Found, loan: Loan, random: Random): Promise<void> {
  const { scene, market } = where;
  const { book } = scene;
  const { additions } = amountToCure(viewOf(market), loan);
  for (const listing of [0, 1, 2, 3, 4, 5, 6]) {
    const { cap, held } = market.book.listings[listing] ?? { cap: 0n, held: 0n };
    const room = saturatingSub(cap, held);
    const cure = additions.get(listing) ?? 0n;
    const amounts = [cure, tokensFor(scene, listing, amountBetween(random, 0n, 9_000n)), MaxUint256];
    if (room < 10n ** 27n) amounts.push(room, room + 1n); // what the owner has, else
    for (const amount of loan.pledges.has(listing) ? amounts : amounts.slice(1, 2)) {
      const outcome = previewPledge(market, loan, { listing, amount });
      tally.count(outcome.refusal?.name ?? (outcome.pledged < amount ? "pledge in part" : "pledge"));
      const sent = { from: ownerOf(scene, loan), to: book, name: "pledge", args: [loan.id, listing, amount] };
      await expectOnLoan(scene, outcome, sent, loan.id, (told) => {
        expect(outcome.pledged).to.equal(argsOf(told, "Pledged").amount);
      });
    }
  }
}

async function releases(where: Found, loan: Loan, random: Random): Promise<void> {
  const { scene, market } = where;
  const { book } = scene;
  const owner = ownerOf(scene, loan);
  for (const listing of new Set([...loan.pledges.keys(), 0, 39])) {
    const pledged = loan.pledges.get(listing) ?? 0n;
    const most = market.book.listings[listing] === undefined ? 0n : maxRelease(viewOf(market), loan, listing);
    for (const amount of [most, most + 1n, amountBetween(random, 0n, pledged), pledged + 1n, MaxUint256]) {
      const outcome = previewRelease(market, loan, { listing, amount });
      tally.count(outcome.refusal?.name ?? "release");
      const sent = { from: owner, to: book, name: "release", args: [loan.id, listing, amount, owner.address] };
      await expectOnLoan(scene, outcome, sent, loan.id, (told) => {
        expect(outcome.released).to.equal(argsOf(told, "Released").amount);
      });
    }
  }
}
