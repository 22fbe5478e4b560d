/** Everything that officers can do to a market, at its worst, with how long it is announced. */
import { dollars, loanId, MAJOR_TERMS, usdc, wbtc, WBTC, weth } from "../helpers/market.ts";
import {
  addListingAction,
  bookAction,
  idOfAction,
  NO_FEED,
  PROPOSAL_DELAY,
  raiseDepositCap,
  type FeedConfig,
} from "../helpers/governance.ts";
import { clock, DAY, YEAR } from "../helpers/chain.ts";
import { ACTIVITIES, activityNumber } from "../helpers/activities.ts";
import { deployMock, FeedMode, type TestFeed } from "../helpers/mocks.ts";
import { allFeeds, deploySource, sourceConfig, type PairedSource } from "../helpers/pairs.ts";
import {
  ANYHOW,
  etherSource,
  IF_AGREED,
  IF_DEAD,
  keepAlive,
  LOAN_ASSET_LIMITS,
  replaceFeeds,
  replaceLoanAssetFeed,
  replaceSequencerFeed,
} from "../helpers/replacing.ts";
import { tellSequencer, UP } from "../helpers/sequencer.ts";
import { BITCOIN, BITCOIN_PRICE, ETHER, ETHER_PRICE, LINK, standing, type Standing } from "./standing.ts";

export interface Scene extends Standing {
  /** Feeds of the curator's, that say what the old ones say. */
  fresh: { ether: TestFeed; bitcoin: PairedSource; usdc: TestFeed; sequencer: TestFeed; all: TestFeed[] };
}

export interface Act {
  name: string;
  /** Functions of officers, and actions that can be proposed. */
  covers: string[];
  /** What comes before, with it and without it. */
  prepare?: (scene: Scene) => Promise<unknown>;
  begin: (scene: Scene) => Promise<unknown>;
  /** What is done at `delay`, and not a second sooner. */
  finish?: (scene: Scene) => Promise<unknown>;
  delay?: bigint; // [s]
  /** What new feeds of coins say, in percent of what old ones say. */
  lie?: bigint;
  /** True for the one thing that may move lines. */
  moves?: boolean;
}

export async function withFreshFeeds(): Promise<Scene> {
  const scene = await standing();
  const ether = await deployMock<TestFeed>("TestFeed", 8, dollars(String(ETHER_PRICE)));
  const bitcoin = await deploySource(8, String(BITCOIN_PRICE));
  const asset = await deployMock<TestFeed>("TestFeed", 8, dollars("1"));
  const sequencer = await deployMock<TestFeed>("TestFeed", 0, UP);
  await tellSequencer(sequencer, UP, 30n * DAY);
  return { ...scene, fresh: { ether, bitcoin, usdc: asset, sequencer, all: [ether, bitcoin.feed, asset] } };
}

type Making = (scene: Scene) => Promise<string>;

/** Something that the curator proposes to the book, waits for and carries out. */
function proposal(name: string, covers: string, delay: bigint, action: Making, rest: Partial<Act> = {}): Act {
  return {
    ...{ name, delay, covers: ["book.propose", "book.execute", `action ${covers}`] },
    begin: async (scene) => scene.book.connect(scene.curator).propose(await action(scene)),
    finish: async (scene) => scene.book.connect(scene.curator).execute(await action(scene)),
    ...rest,
  };
}

/** Something that an officer does at once. */
function deed(name: string, covers: string[], begin: Act["begin"], prepare?: Act["prepare"]): Act {
  return { name, covers, begin, ...(prepare && { prepare }) };
}

const kill = async (...feeds: TestFeed[]): Promise<void> => {
  for (const feed of feeds) await feed.setMode(FeedMode.revert);
};

const newEther: Making = async ({ fresh }) => replaceFeeds(ETHER, etherSource({ feed: fresh.ether, decimals: 8 }));
const newBitcoin: Making = async ({ fresh }) =>
  replaceFeeds(BITCOIN, sourceConfig(fresh.bitcoin, ["100", "5,000,000"]), NO_FEED);
const newLoanAsset: Making = async ({ fresh }) => {
  const config: FeedConfig = { ...LOAN_ASSET_LIMITS, feed: fresh.usdc };
  return replaceLoanAssetFeed(config);
};
const newSequencer: Making = async ({ fresh }) => replaceSequencerFeed(fresh.sequencer);

/** The worst that can be listed: anyone may make it. */
const worthless: Making = async ({ fresh, weth: token }) => {
  const limits = { maxAge: 3_900n, minAnswer: dollars("10"), maxAnswer: dollars("100,000") };
  return addListingAction({ token, terms: MAJOR_TERMS, feed: { ...limits, feed: fresh.ether }, cap: weth("1") });
};
const raisedCap: Making = async () => Promise.resolve(bookAction("raiseCap", [ETHER, weth("1,000,000")]));

/** Nearly everything is lent out for a year, so that there are reserves to sweep. */
async function earnReserves(scene: Scene): Promise<void> {
  const { book, borrower, cash } = scene;
  const pledges = [{ listing: WBTC, amount: wbtc("30") }];
  await book.connect(borrower).open(loanId(borrower), pledges, (cash * 95n) / 100n, borrower);
  await clock.advance(YEAR);
  await keepAlive(...Object.values(allFeeds(scene)), ...scene.fresh.all);
}

/** The one proposal to the vault. */
const raisedDepositCap: Act = {
  name: "the curator raises the deposit cap",
  covers: ["vault.propose", "vault.execute", "action raiseDepositCap"],
  delay: PROPOSAL_DELAY,
  begin: async ({ vault, curator }) => vault.connect(curator).propose(raiseDepositCap(usdc("20,000,000"))),
  finish: async ({ vault, curator }) => vault.connect(curator).execute(raiseDepositCap(usdc("20,000,000"))),
};

const CANCELLING = ["book.cancel", "book.cancelAll", "vault.cancel", "vault.cancelAll"];

export const ACTS: readonly Act[] = [
  ...ACTIVITIES.map((activity) =>
    deed(`the guardian pauses what is called ${activity}`, ["vault.pause"], async ({ vault, guardian }) =>
      vault.connect(guardian).pause(activityNumber(activity)),
    ),
  ),
  deed("the guardian pauses and unpauses everything", ["vault.unpause"], async ({ vault, guardian }) => {
    for (const activity of ACTIVITIES) await vault.connect(guardian).pause(activityNumber(activity));
    for (const activity of ACTIVITIES) await vault.connect(guardian).unpause(activityNumber(activity));
  }),
  deed("the guardian retires every listing", ["book.retire"], async ({ book, guardian }) => {
    for (const listing of [ETHER, BITCOIN, LINK]) await book.connect(guardian).retire(listing);
  }),
  deed("the guardian lowers every cap to 0", ["book.lowerCap", "vault.lowerDepositCap"], async (scene) => {
    const { book, vault, guardian } = scene;
    for (const listing of [ETHER, BITCOIN, LINK]) await book.connect(guardian).lowerCap(listing, 0n);
    await vault.connect(guardian).lowerDepositCap(0n);
  }),
  deed("the guardian cancels what is proposed, one by one and all at once", CANCELLING, async (scene) => {
    const { book, vault, curator, guardian } = scene;
    const inBook = [book, await raisedCap(scene)] as const;
    const inVault = [vault, raiseDepositCap(usdc("20,000,000"))] as const;
    for (const [target, action] of [inBook, inVault]) {
      await target.connect(curator).propose(action);
      await target.connect(guardian).cancel(idOfAction(action));
      await target.connect(curator).propose(action);
      await target.connect(guardian).cancelAll();
    }
  }),
  deed(
    "the treasurer sweeps a year's reserves",
    ["vault.sweepReserves"],
    async ({ vault, treasurer }) => vault.connect(treasurer).sweepReserves(),
    earnReserves,
  ),
  proposal("the curator lists an asset of its own", "addListing", PROPOSAL_DELAY, worthless),
  proposal("the curator raises a cap", "raiseCap", PROPOSAL_DELAY, raisedCap),
  raisedDepositCap,
  proposal("the curator replaces ether's feed by one that agrees", "replaceFeeds", IF_AGREED, newEther),
  proposal("the curator replaces bitcoin's feeds by one that agrees", "replaceFeeds", IF_AGREED, newBitcoin),
  proposal("the curator replaces ether's feed, which is dead", "replaceFeeds", IF_DEAD, newEther, {
    prepare: async ({ feeds }) => kill(feeds.weth),
    moves: true,
  }),
  proposal("the curator replaces ether's feed by one that lies", "replaceFeeds", ANYHOW, newEther, {
    lie: 25n,
    prepare: async ({ fresh }) => fresh.ether.set(dollars("450")),
    moves: true,
  }),
  proposal("the curator replaces the loan asset's feed", "replaceLoanAssetFeed", IF_AGREED, newLoanAsset),
  proposal(
    "the curator replaces the loan asset's feed by one that lies",
    "replaceLoanAssetFeed",
    ANYHOW,
    newLoanAsset,
    {
      prepare: async ({ fresh }) => fresh.usdc.set(dollars("0.5")),
      moves: true,
    },
  ),
  proposal("the curator replaces the sequencer's feed", "replaceSequencerFeed", IF_AGREED, newSequencer),
];
