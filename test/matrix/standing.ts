/** A market in which everything stands that a promise was made to: loans of each kind in each state of a margin call, shares, a credit. */
import { MaxUint256 } from "ethers";

import { clock } from "../helpers/chain.ts";
import { GUARDIAN } from "../helpers/governance.ts";
import { CURE, LAPSE, orderFor } from "../helpers/margin-calls.ts";
import { DAY, dollars, HOUR, LINK, loanId, usdc, wbtc, WETH, weth } from "../helpers/market.ts";
import { Fraction, sharesPerAsset, WAD, whole, ZERO } from "../helpers/mathematics.ts";
import { deployMock, type TestFeed } from "../helpers/mocks.ts";
import { allFeeds, deployPairs, tell, type PairedMarket } from "../helpers/pairs.ts";
import { deployParty, step, type Party, type Step } from "../helpers/probe.ts";
import { keepAlive } from "../helpers/replacing.ts";
import { tellSequencer, UP, type SequencedMarket } from "../helpers/sequencer.ts";
import { feeShare, growth } from "../helpers/terms.ts";

/** What loans pledge: ether with one source, bitcoin with two. LINK is listed, and nobody pledges it. */
export const ETHER = WETH;
export const BITCOIN = 5n;
export { LINK };
export const PLEDGED = { [String(ETHER)]: weth("7.5"), [String(BITCOIN)]: wbtc("0.25") };
export const PLEDGE_LISTINGS = [ETHER, BITCOIN] as const;

/** The pledges are worth 27,000: the borrow limit is 21,060, the call line 21,600, the liquidation line 23,220. */
export const ETHER_PRICE = 1_800n;
export const BITCOIN_PRICE = 54_000n;
const SOUND = usdc("15,000");
const BETWEEN_THE_LINES = usdc("22,410");

export const MIN_DEBT = usdc("100");

export const TERMS = ["an open-term loan", "a fixed-term loan", "a matured loan"] as const;
export const CALLS = [
  "in order",
  "above its call line",
  "with time to cure",
  "past its deadline",
  "whose call lapsed",
] as const;

export interface Kind {
  name: string;
  term: (typeof TERMS)[number];
  call: (typeof CALLS)[number];
  number: bigint;
}

/** Every kind of loan in every state. */
export const KINDS: readonly Kind[] = TERMS.flatMap((term, n) =>
  CALLS.map((call, m) => ({ name: `${term} ${call}`, term, call, number: BigInt(n * CALLS.length + m + 1) })),
);

/** A loan as it stands, by the calculation and not by the book. */
export interface Figures {
  base: bigint;
  growth: Fraction; // of a unit of base
  fee: Fraction; // on a unit of base, for ending a term now
  debt: bigint; // [asset]
  breakFee: bigint; // [asset]
  maturity: bigint; // [s] 0 for an open term
  calledAt: bigint; // [s] 0 if it was not called
}

export interface Parties {
  owner: Party; // of all loans
  lender: Party; // whose shares are worth more than the cash
  caller: Party; // of margin calls, with a credit in each pledge
  stranger: Party;
  keeper: Party;
  guardian: Party;
}

export interface Standing extends SequencedMarket {
  parties: Parties;
  idOf: (kind: Pick<Kind, "number">) => bigint;
  figures: Map<Kind, Figures>;
  cash: bigint; // [asset]
  sharesFor: (assets: bigint) => Fraction;
  vaultAddress: string;
  purse: Record<"usdc" | "weth" | "wbtc", bigint>; // the owner's
  credits: Map<bigint, bigint>; // [token] the caller's, by listing
  held: Map<bigint, bigint>; // [token] by listing
}

/** What everybody but the owner holds of USDC, ether, bitcoin and LINK. */
export const PURSE = [usdc("2,000,000"), weth("200"), wbtc("10"), weth("100")] as const;

/** Somebody with plenty of everything, who has approved everything. */
async function deployRich({
  vault,
  book,
  usdc: asset,
  weth: ether,
  wbtc: bitcoin,
  link,
}: PairedMarket): Promise<Party> {
  const party = await deployParty();
  const approvals: Step[] = [];
  for (const [n, token] of [asset, ether, bitcoin, link].entries()) {
    await token.mint(party.address, PURSE[n] ?? 0n);
    for (const spender of [vault, book])
      approvals.push(step(token, "approve", [await spender.getAddress(), MaxUint256]));
  }
  await party.perform(approvals);
  return party;
}

async function wait(market: PairedMarket, seconds: bigint): Promise<void> {
  await clock.advance(seconds);
  await keepAlive(...Object.values(allFeeds(market)));
}

/** Each of them in a market whose loan asset has a peg, or none. */
export async function standing(): Promise<Standing> {
  return stand(0n);
}
export async function standingWithPeg(): Promise<Standing> {
  return stand(dollars("1"));
}

async function stand(peg: bigint): Promise<Standing> {
  const sequencer = await deployMock<TestFeed>("TestFeed", 0, UP);
  await tellSequencer(sequencer, UP, 30n * DAY);
  const market = await deployPairs({ sequencerFeed: sequencer, peg });
  const { book, vault, manager } = market;
  const [owner, lender, caller] = [await deployRich(market), await deployRich(market), await deployRich(market)];
  const [stranger, keeper, guardian] = [await deployRich(market), await deployRich(market), await deployParty()];
  await vault.connect(market.lender).transfer(lender.address, await vault.balanceOf(market.lender));
  await manager.getFunction("grantRole")(GUARDIAN, guardian.address, 0n);

  const idOf = ({ number }: Pick<Kind, "number">): bigint => loanId(owner.address, number);
  const pledges = PLEDGE_LISTINGS.map((listing) => ({ listing, amount: PLEDGED[String(listing)] }));
  const open = ({ call, number }: Pick<Kind, "call" | "number">, duration: bigint): Step => {
    const debt = call === "in order" ? SOUND : BETWEEN_THE_LINES;
    const start = [idOf({ number }), pledges, debt] as const;
    if (duration === 0n) return step(book, "open", [...start, owner.address]);
    return step(book, "openTerm", [...start, { duration, maxRate: MaxUint256 }, owner.address]);
  };
  const ofTerm = (term: Kind["term"]): Kind[] => KINDS.filter((kind) => kind.term === term);
  await wait(market, 30n * DAY); // no term is sold in a new market
  await owner.perform(ofTerm("a matured loan").map((kind) => open(kind, 7n * DAY)));
  await wait(market, 7n * DAY);
  await owner.perform(ofTerm("a fixed-term loan").map((kind) => open(kind, 60n * DAY)));
  await owner.perform(ofTerm("an open-term loan").map((kind) => open(kind, 0n)));
  const sold = { call: CALLS[3], number: 99n }; // of which the caller has credits
  await owner.perform([open(sold, 0n)]);
  await market.feeds.weth.set(dollars(String(ETHER_PRICE)));
  await tell(market.pairs.bitcoin, String(BITCOIN_PRICE), String(BITCOIN_PRICE));

  const calledAt = new Map<Kind["call"], bigint>();
  const callAll = async (call: Kind["call"]): Promise<void> => {
    calledAt.set(call, clock.now());
    const ids = KINDS.filter((kind) => kind.call === call).map(idOf);
    await caller.perform([step(book, "callMarginBatch", [call === sold.call ? [...ids, idOf(sold)] : ids])]);
  };
  await callAll("whose call lapsed");
  await wait(market, 8n * HOUR);
  await callAll("past its deadline");
  await wait(market, CURE + 5n * HOUR);
  await callAll("with time to cure");
  await wait(market, HOUR);
  for (const listing of PLEDGE_LISTINGS)
    await keeper.perform([step(book, "liquidate", [orderFor(idOf(sold), listing, usdc("300")), "0x"])]);

  await owner.perform([step(book, "setAuthorization", [keeper.address, true])]);

  const { index, cash } = await vault.accruedState();
  const figures = new Map<Kind, Figures>();
  for (const kind of KINDS) {
    const loan = await book.loan(idOf(kind));
    const isFixed = loan.maturity !== 0n;
    const factor = isFixed ? growth(loan) : new Fraction(index, WAD);
    const fee = isFixed ? feeShare(loan) : ZERO;
    const debt = whole(loan.base).times(factor).ceil();
    const breakFee = whole(loan.base).times(fee).ceil();
    const { base, maturity } = loan;
    figures.set(kind, { base, growth: factor, fee, debt, breakFee, maturity, calledAt: calledAt.get(kind.call) ?? 0n });
  }
  const [held, credits] = [new Map<bigint, bigint>(), new Map<bigint, bigint>()];
  for (const listing of [...PLEDGE_LISTINGS, LINK]) held.set(listing, (await book.listings(listing)).held);
  for (const listing of PLEDGE_LISTINGS) credits.set(listing, await book.creditOf(caller.address, listing));
  const purse = {
    usdc: await market.usdc.balanceOf(owner.address),
    weth: await market.weth.balanceOf(owner.address),
    wbtc: await market.wbtc.balanceOf(owner.address),
  };
  const rate = sharesPerAsset(await vault.totalAssets(), await vault.totalSupply());
  const sharesFor = (assets: bigint): Fraction => rate.times(whole(assets));
  const vaultAddress = await vault.getAddress();
  const parties = { owner, lender, caller, stranger, keeper, guardian };
  return { ...market, parties, sequencer, idOf, figures, cash, sharesFor, vaultAddress, purse, credits, held };
}

/** Until when a loan's owner has time to cure, if the sequencer came up at `upSince` (0: not at all). */
export function deadlineOf({ calledAt }: Figures, upSince: bigint): bigint {
  const deadline = calledAt + CURE;
  const isMoved = calledAt < upSince && upSince < deadline + LAPSE;
  return isMoved && upSince + 5n * HOUR > deadline ? upSince + 5n * HOUR : deadline;
}
