/** What can become of prices, and what the guardian can make of listings, around loans that stand. */
import { clock } from "../helpers/chain.ts";
import { MISBEHAVIOURS, type Patient } from "../helpers/misbehaviour.ts";
import { FeedMode, type TestFeed } from "../helpers/mocks.ts";
import { answerOf, tell, tellStale, type PairedSource } from "../helpers/pairs.ts";
import { dollars, FEED_AGE, HOUR, LOAN_ASSET_FEED_AGE } from "../helpers/market.ts";
import type { Step } from "../helpers/probe.ts";
import { DOWN, tellSequencer, UP } from "../helpers/sequencer.ts";
import { BITCOIN, BITCOIN_PRICE, ETHER, ETHER_PRICE, LINK, type Standing } from "./standing.ts";

/** What a listing's sources are together. */
type Sources = "live" | "one of two live" | "apart" | "dead";

export interface PriceState {
  name: string;
  enter: (scene: Standing) => Promise<unknown>;
  sources: Record<string, Sources>; // by listing
  ether: bigint; // dollars
  bitcoin: bigint; // dollars
  /** What the loan asset counts for borrowing, max(feed, peg). [cents] 0: its feed is not live */
  loanAsset: bigint;
  /** Without a price of the loan asset nothing is called, sold or cleared. */
  isPriced: boolean;
  isSequencerReady: boolean;
  upSince: bigint | "long ago" | "half an hour ago"; // 0: not known to be up
  withPeg?: boolean;
  /** Every combination of pauses is tried in it, and not only none and all. */
  everyPause?: boolean;
}

const LIVE: Omit<PriceState, "name" | "enter"> = {
  sources: { [String(ETHER)]: "live", [String(BITCOIN)]: "live", [String(LINK)]: "live" },
  ether: ETHER_PRICE,
  bitcoin: BITCOIN_PRICE,
  loanAsset: 100n,
  isPriced: true,
  isSequencerReady: true,
  upSince: "long ago",
};
const ALL_DEAD = { [String(ETHER)]: "dead", [String(BITCOIN)]: "dead", [String(LINK)]: "dead" } as const;
const NO_LOAN_ASSET = { loanAsset: 0n, isPriced: false };

/** One of each sort; all the others are in test/integration/misbehaving-feeds.ts. */
const MISBEHAVING = new Set([
  "reverts",
  "returns 100,000 zeros",
  "answers -1",
  "answers 0",
  "answers a unit above its upper bound",
  "answers a unit below its lower bound",
  "was updated a second from now",
  "is a second too old",
]);

/** The feeds of all collateral, as they were listed. */
function patients({ feeds, pairs: { bitcoin } }: Standing): Patient[] {
  const eth = { minAnswer: dollars("10"), maxAnswer: dollars("100,000") };
  const link = { minAnswer: dollars("0.1"), maxAnswer: dollars("10,000") };
  const ofBitcoin = (source: PairedSource): Patient => ({
    feed: source.feed,
    answer: answerOf(source, String(BITCOIN_PRICE)),
    minAnswer: answerOf(source, "100"),
    maxAnswer: answerOf(source, "5,000,000"),
    maxAge: FEED_AGE,
  });
  return [
    { feed: feeds.weth, answer: dollars(String(ETHER_PRICE)), ...eth, maxAge: FEED_AGE },
    { feed: feeds.link, answer: dollars("15"), ...link, maxAge: FEED_AGE },
    ofBitcoin(bitcoin.first),
    ofBitcoin(bitcoin.second),
  ];
}

async function infectAll(scene: Standing, infect: (patient: Patient) => Promise<unknown>): Promise<void> {
  for (const patient of patients(scene)) await infect(patient);
}

const kill = async (...feeds: TestFeed[]): Promise<void> => {
  for (const feed of feeds) await feed.setMode(FeedMode.revert);
};

const fall = async ({ feeds, pairs }: Standing, ether: string, bitcoin: string): Promise<void> => {
  await feeds.weth.set(dollars(ether));
  await tell(pairs.bitcoin, bitcoin, bitcoin);
};

export const PRICE_STATES: readonly PriceState[] = [
  { ...LIVE, name: "all prices are live", enter: async () => Promise.resolve(), everyPause: true },
  {
    ...{ ...LIVE, ether: 180n, bitcoin: 5_400n },
    name: "coins are worth a tenth",
    enter: async (scene) => fall(scene, "180", "5,400"),
  },
  {
    ...{ ...LIVE, sources: { ...LIVE.sources, [String(ETHER)]: "dead" } },
    name: "ether's feed burns all its gas",
    enter: async ({ feeds }) => feeds.weth.setMode(FeedMode.burnGas),
  },
  ...MISBEHAVIOURS.filter(({ name }) => MISBEHAVING.has(name)).map(({ name, infect }) => ({
    ...{ ...LIVE, sources: ALL_DEAD },
    name: `every feed of a coin ${name}`,
    enter: async (scene: Standing) => infectAll(scene, infect),
  })),
  {
    ...{ ...LIVE, sources: { ...LIVE.sources, [String(BITCOIN)]: "apart" } },
    name: "bitcoin's sources are apart",
    enter: async ({ pairs }) => tell(pairs.bitcoin, "54,000", "52,000"),
  },
  {
    ...{ ...LIVE, sources: { ...LIVE.sources, [String(BITCOIN)]: "one of two live" } },
    name: "bitcoin's first source is silent",
    enter: async ({ pairs }) => kill(pairs.bitcoin.first.feed),
  },
  {
    ...{ ...LIVE, sources: { ...LIVE.sources, [String(BITCOIN)]: "one of two live" } },
    name: "bitcoin's second source is too old",
    enter: async ({ pairs }) => tellStale(pairs.bitcoin.second, "54,000"),
  },
  {
    ...{ ...LIVE, loanAsset: 50n },
    name: "the loan asset is worth half",
    enter: async ({ feeds }) => feeds.usdc.set(dollars("0.5")),
  },
  {
    ...{ ...LIVE, loanAsset: 200n },
    name: "the loan asset is worth two",
    enter: async ({ feeds }) => feeds.usdc.set(dollars("2")),
  },
  {
    ...{ ...LIVE, ...NO_LOAN_ASSET },
    name: "the loan asset's feed reverts",
    enter: async ({ feeds }) => kill(feeds.usdc),
  },
  {
    ...{ ...LIVE, ...NO_LOAN_ASSET },
    name: "the loan asset's price is too old",
    enter: async ({ feeds }) => feeds.usdc.setAt(dollars("1"), clock.now() - LOAN_ASSET_FEED_AGE - 1n),
  },
  {
    ...{ ...LIVE, loanAsset: 0n, withPeg: true },
    name: "the loan asset's feed reverts, and a peg stands in for it",
    enter: async ({ feeds }) => kill(feeds.usdc),
  },
  {
    ...{ ...LIVE, loanAsset: 100n, withPeg: true },
    name: "the loan asset, which has a peg, is worth half",
    enter: async ({ feeds }) => feeds.usdc.set(dollars("0.5")),
  },
  {
    ...{ ...LIVE, isSequencerReady: false, upSince: 0n },
    name: "the sequencer is down",
    enter: async ({ sequencer }) => tellSequencer(sequencer, DOWN, HOUR),
  },
  {
    ...{ ...LIVE, isSequencerReady: false, upSince: "half an hour ago" },
    name: "the sequencer is in its grace",
    enter: async ({ sequencer }) => tellSequencer(sequencer, UP, HOUR / 2n),
  },
  {
    ...{ ...LIVE, isSequencerReady: false, upSince: 0n },
    name: "the sequencer's feed reverts",
    enter: async ({ sequencer }) => kill(sequencer),
  },
  {
    ...{ ...LIVE, ...NO_LOAN_ASSET, sources: ALL_DEAD, isSequencerReady: false, upSince: 0n, everyPause: true },
    name: "no feed answers at all",
    enter: async ({ feeds, pairs, sequencer }) =>
      kill(...Object.values(feeds), pairs.bitcoin.first.feed, pairs.bitcoin.second.feed, sequencer),
  },
];

/** When the sequencer came up. [s] 0: it is not known to be up */
export function upSinceOf({ upSince }: PriceState): bigint {
  if (typeof upSince === "bigint") return upSince;
  return upSince === "long ago" ? 1n : clock.now() - HOUR / 2n;
}

export interface ListingState {
  name: string;
  isRetired: boolean;
  cap: "as it was" | "full" | "0";
  isDepositCapZero?: boolean;
}

export const LISTING_STATES: readonly ListingState[] = [
  { name: "as they were listed", isRetired: false, cap: "as it was" },
  { name: "retired", isRetired: true, cap: "as it was" },
  { name: "full", isRetired: false, cap: "full" },
  { name: "capped at 0", isRetired: false, cap: "0" },
  { name: "retired, capped at 0, and the deposit cap at 0", isRetired: true, cap: "0", isDepositCapZero: true },
];

/** What the guardian does to bring it about. */
export function enterListingState({ book, vault, parties, held }: Standing, state: ListingState): Step[] {
  const { guardian } = parties;
  const steps: Step[] = [];
  for (const [listing, amount] of held) {
    if (state.isRetired) steps.push(guardian.takes(book, "retire", [listing]));
    if (state.cap !== "as it was")
      steps.push(guardian.takes(book, "lowerCap", [listing, state.cap === "0" ? 0n : amount]));
  }
  if (state.isDepositCapZero) steps.push(guardian.takes(vault, "lowerDepositCap", [0n]));
  return steps;
}
