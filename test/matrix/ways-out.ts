/** What must always be possible, and what comes of it to the unit; and what nobody may do meanwhile, with its exact refusal. */
import { MaxUint256 } from "ethers";

import { usdc, wbtc, weth } from "../helpers/market.ts";
import { whole } from "../helpers/mathematics.ts";
import { error, step, type Party, type Step } from "../helpers/probe.ts";
import { refinancing } from "../helpers/terms.ts";
import type { ListingState, PriceState } from "./states.ts";
import { BITCOIN, ETHER, MIN_DEBT, PLEDGED, PURSE, type Figures, type Kind, type Standing } from "./standing.ts";

/** A loan in a state of prices and listings. */
export interface Cell {
  scene: Standing;
  kind: Kind;
  figures: Figures;
  state: PriceState;
  listing: ListingState;
  callLine: bigint; // [asset] before anything is done
}

/** Steps, and what each returns, or the refusal of the one that fails. What cannot be known beforehand is taken from `returned`. */
export interface Way {
  name: string;
  plan: Step[];
  expected: (cell: Cell, returned: bigint[][]) => bigint[][] | string;
}

const NOTHING = [0n, 0n, 0n, 0n, 0n, 0n];
const PART = usdc("1,000");

/** What a payment makes of a loan: interest and fee of what it retires are paid with it. */
function leftAfter({ base, growth, fee }: Figures, paid: bigint): bigint {
  const retired = whole(paid).over(growth.plus(fee)).floor();
  return whole(base - retired)
    .times(growth)
    .ceil();
}

/** The most that can be paid without leaving less than the smallest loan or repaying it all, and what is left then. */
function mostInPart({ base, growth, fee }: Figures): { most: bigint; left: bigint; tooLittle: bigint } {
  const smallest =
    whole(MIN_DEBT - 1n)
      .over(growth)
      .floor() + 1n; // the least base that owes so much
  const most =
    whole(base - smallest + 1n)
      .times(growth.plus(fee))
      .ceil() - 1n;
  const owed = (of: bigint): bigint => whole(of).times(growth).ceil();
  return { most, left: owed(smallest), tooLittle: owed(smallest - 1n) };
}

/** The word of the caller in the record of a margin call that stands after a loan's debt and call line have changed, or 0. */
function callerAfter({ scene, figures, state, callLine }: Cell, debt: bigint, callLineAfter: bigint): bigint {
  if (figures.calledAt === 0n) return 0n;
  const isCured = figures.debt > callLine && debt <= callLineAfter;
  const isWithinLimit = debt * 80n <= callLineAfter * 78n; // LTVs are 78 % and 80 % everywhere
  return state.isPriced && (isCured || isWithinLimit) ? 0n : BigInt(scene.parties.caller.address);
}

/** Everything about a loan that an owner, or anybody for it, can always do. */
export function waysOut(scene: Standing, kind: Kind): Way[] {
  const { book, usdc: asset, weth: ether, wbtc: bitcoin, purse, cash } = scene;
  const { owner, stranger } = scene.parties;
  const [id, figures] = [scene.idOf(kind), figuresOf(scene, kind)];
  const due = figures.debt + figures.breakFee;
  const { most, left, tooLittle } = mostInPart(figures);
  const repay = (payer: Party, amount: bigint): Step => payer.takes(book, "repay", [id, amount]);
  const close = (amount: bigint): Step => owner.takes(book, "close", [id, amount, owner.address]);
  const release = (listing: bigint): Step => owner.takes(book, "release", [id, listing, MaxUint256, owner.address]);
  const [debt, loan, call] = [step(book, "debtOf", [id]), step(book, "loan", [id]), step(book, "marginCallOf", [id])];
  const balance = (token: typeof asset, holder: string): Step => step(token, "balanceOf", [holder]);
  const ownersCoins = [balance(ether, owner.address), balance(bitcoin, owner.address)];
  const allBack = [[purse.weth + pledged(ETHER)], [purse.wbtc + pledged(BITCOIN)]];
  const isFixed = figures.maturity !== 0n;

  return [
    {
      name: "a part is repaid, by anybody",
      plan: [repay(stranger, PART), debt, balance(asset, stranger.address), balance(asset, scene.vaultAddress), call],
      expected: (cell, returned) => {
        const after = leftAfter(figures, PART);
        const caller = callerAfter(cell, after, cell.callLine);
        return [[PART], [after], [PURSE[0] - PART], [cash + PART], callRecord(caller, returned)];
      },
    },
    {
      name: "all but the smallest loan is repaid",
      plan: [repay(owner, most), debt, balance(asset, owner.address)],
      expected: () => [[most], [left], [purse.usdc - most]],
    },
    {
      name: "less than the smallest loan is not left",
      plan: [repay(owner, most + 1n)],
      expected: () => error("DebtBelowMin", tooLittle, MIN_DEBT),
    },
    {
      name: "all is repaid by anybody, and then the pledges are taken out",
      plan: [
        ...[repay(stranger, MaxUint256), debt, call, balance(asset, stranger.address)],
        ...[balance(asset, scene.vaultAddress), release(ETHER), release(BITCOIN), ...ownersCoins, loan],
      ],
      expected: () => [
        ...[[due], [0n], NOTHING.slice(2), [PURSE[0] - due], [cash + due]],
        ...[[pledged(ETHER)], [pledged(BITCOIN)], ...allBack, NOTHING],
      ],
    },
    {
      name: "it is closed",
      plan: [close(due), balance(asset, owner.address), balance(asset, scene.vaultAddress), ...ownersCoins, loan, call],
      expected: () => [[due], [purse.usdc - due], [cash + due], ...allBack, NOTHING, NOTHING.slice(2)],
    },
    {
      name: "it is not closed for a unit less",
      plan: [close(due - 1n)],
      expected: () => error("DebtAboveMax", due, due - 1n),
    },
    addition(scene, kind, ETHER, weth("1")),
    addition(scene, kind, BITCOIN, wbtc("0.05")),
    {
      name: "it is rolled once it has matured",
      plan: [stranger.takes(book, "roll", [id]), loan],
      expected: (_, returned) => {
        if (!isFixed) return error("NotFixedTerm", id);
        if (figures.fee.numerator !== 0n) return error("NotMatured", id, figures.maturity);
        return [[], openTerm(returned)];
      },
    },
    {
      name: "its term is ended without new debt",
      plan: [owner.takes(book, "refinance", [id, refinancing(owner)]), loan, debt, balance(asset, owner.address)],
      expected: (_, returned) => {
        if (!isFixed) return error("NotFixedTerm", id);
        const owed = returned[2]?.[0] === figures.debt + 1n ? figures.debt + 1n : figures.debt; // it is rounded up twice
        return [[0n, figures.breakFee], openTerm(returned), [owed], [purse.usdc - figures.breakFee]];
      },
    },
  ];
}

/** More of what a loan pledges, by anybody: all of it within the cap; beyond it what cures, at a live price that no source denies. */
function addition(scene: Standing, kind: Kind, listing: bigint, amount: bigint): Way {
  const { book, weth: ether, wbtc: bitcoin, held } = scene;
  const { stranger } = scene.parties;
  const id = scene.idOf(kind);
  const [token, inPurse] = listing === ETHER ? [ether, PURSE[1]] : [bitcoin, PURSE[2]];
  return {
    name: `${listing === ETHER ? "ether" : "bitcoin"} is added to its pledge`,
    plan: [
      stranger.takes(book, "pledge", [id, listing, amount]),
      step(book, "pledgeOf", [id, listing]),
      step(token, "balanceOf", [stranger.address]),
      step(book, "healthOf", [id]),
      step(book, "marginCallOf", [id]),
    ],
    expected: (cell, returned) => {
      const { figures, state, callLine } = cell;
      const [, , , health = []] = returned;
      const [, , after = 0n] = health;
      let added = amount;
      if (cell.listing.cap !== "as it was") {
        const cap = cell.listing.cap === "0" ? 0n : (held.get(listing) ?? 0n);
        const sources = state.sources[String(listing)];
        const lifts =
          state.isPriced && figures.debt > callLine && (sources === "live" || sources === "one of two live");
        if (!lifts) return error("CapExceeded", listing, (held.get(listing) ?? 0n) + amount, cap);
        const [least, grain] = [returned[0]?.[0] ?? 0n, listing === ETHER ? 1n : 1_000n]; // what a unit carries
        const isExact = least < amount && after >= figures.debt && after < figures.debt + grain;
        if (least !== amount && !isExact) return "what was added beyond the cap is not what cures";
        added = least;
      }
      if (state.isPriced && after <= callLine) return "the call line did not rise";
      const caller = callerAfter(cell, figures.debt, after);
      return [[added], [pledged(listing) + added], [inPurse - added], health, callRecord(caller, returned)];
    },
  };
}

/** What lenders and callers can always take, and owners revoke. */
export function waysOfOthers(scene: Standing): Way[] {
  const { book, vault, usdc: asset, weth: ether, wbtc: bitcoin, cash, credits, sharesFor } = scene;
  const { owner, lender, caller, stranger, keeper } = scene.parties;
  const id = scene.idOf({ number: 1n });
  const lenders = [lender.address, lender.address];
  const revoke = owner.takes(book, "setAuthorization", [keeper.address, false]);
  const [all, few] = [sharesFor(cash).ceil(), 10n ** 15n];
  const bought = whole(few).over(sharesFor(1n)).floor();
  const claim = (listing: bigint, token: typeof asset, n: 1 | 2): Way => ({
    name: "a credit is claimed",
    plan: [
      caller.takes(book, "claimCredit", [listing, caller.address]),
      step(token, "balanceOf", [caller.address]),
      step(book, "creditOf", [caller.address, listing]),
    ],
    expected: () => [[credits.get(listing) ?? 0n], [PURSE[n] + (credits.get(listing) ?? 0n)], [0n]],
  });
  return [
    {
      name: "all cash is withdrawn",
      plan: [
        lender.takes(vault, "withdraw", [cash, ...lenders]),
        step(asset, "balanceOf", [lender.address]),
        step(asset, "balanceOf", [scene.vaultAddress]),
        step(vault, "maxWithdraw", [lender.address]),
      ],
      expected: () => [[all], [PURSE[0] + cash], [0n], [0n]],
    },
    {
      name: "more than the cash is not",
      plan: [lender.takes(vault, "withdraw", [cash + 1n, ...lenders])],
      expected: () => error("ERC4626ExceededMaxWithdraw", lender.address, cash + 1n, cash),
    },
    {
      name: "shares are redeemed",
      plan: [lender.takes(vault, "redeem", [few, ...lenders]), step(asset, "balanceOf", [lender.address])],
      expected: () => [[bought], [PURSE[0] + bought]],
    },
    {
      name: "shares are sent on",
      plan: [lender.takes(vault, "transfer", [stranger.address, few]), step(vault, "balanceOf", [stranger.address])],
      expected: () => [[1n], [few]],
    },
    claim(ETHER, ether, 1),
    claim(BITCOIN, bitcoin, 2),
    {
      name: "an operator is dismissed",
      plan: [revoke, step(book, "isAuthorized", [owner.address, keeper.address])],
      expected: () => [[], [0n]],
    },
    {
      name: "an operator who is dismissed closes nothing",
      plan: [revoke, keeper.takes(book, "close", [id, MaxUint256, keeper.address])],
      expected: () => error("NotOwnerOrOperator", id, keeper.address),
    },
    {
      name: "signatures are revoked",
      plan: [owner.takes(book, "revokeSignatures"), step(book, "nonces", [owner.address])],
      expected: () => [[1n], [1n]],
    },
  ];
}

export function figuresOf({ figures }: Standing, kind: Kind): Figures {
  const found = figures.get(kind);
  if (found === undefined) throw new Error(`There is no ${kind.name}.`);
  return found;
}

function pledged(listing: bigint): bigint {
  return PLEDGED[String(listing)] ?? 0n;
}

/** The record of a call as it is returned last, which must be this caller's. */
function callRecord(caller: bigint, returned: bigint[][]): bigint[] {
  const [, ...times] = returned.at(-1) ?? [];
  return caller === 0n ? [0n, 0n, 0n, 0n] : [caller, ...times];
}

/** A loan as it is returned second, which must have no term. */
function openTerm(returned: bigint[][]): bigint[] {
  const [base = 0n, pledges = 0n, , , , flags = 0n] = returned[1] ?? [];
  return [base, pledges, 0n, 0n, 0n, flags];
}
