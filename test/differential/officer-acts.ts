/** What officers do: pauses, caps, proposals and their ends; and what owners do about operators. */
import { NO_ADDRESS } from "../../sdk/src/constants.ts";
import { MAX_TOKENS } from "../../sdk/src/math/amounts.ts";
import type { ProposalState } from "../../sdk/src/state/market-state.ts";
import { signAuthorization } from "../helpers/authorizations.ts";
import { clock, DAY } from "../helpers/chain.ts";
import { bookAction, listingConfig, NO_FEED, raiseDepositCap } from "../helpers/governance.ts";
import { NothingToDoError, type Acts, type Scene } from "./scene.ts";
import { pausedUntil } from "./state-figures.ts";
import { newCandidate, newFeeds, newLoanAssetFeed, newSequencer, supply } from "./world.ts";

const ACTIVITIES = [0, 1, 2];

/** Up to this many assets are listed: whole comparisons grow with them. */
const MOST_LISTINGS = 9;

/** How long a proposal waits, by what it asks for. [days] */
const AGES = [7n, 14n, 30n, 36n];

export const OFFICER_ACTS: Acts = {
  pause: {
    weight: 0.4,
    run: async (scene) => scene.byVault(scene.world.guardian.address, "pause", [scene.random.pick(ACTIVITIES)]),
  },
  unpause: {
    weight: 2,
    run: async (scene) => {
      const paused = ACTIVITIES.filter((activity) => pausedUntil(scene.state, activity, clock.now()) !== 0n);
      if (paused.length === 0) throw new NothingToDoError();
      await scene.byVault(scene.world.guardian.address, "unpause", [scene.random.pick(paused)]);
    },
  },
  "lower the deposit cap": {
    weight: 0.3,
    run: async (scene) => {
      const cap = scene.state.depositCap - scene.random.upTo(scene.state.depositCap / 10n);
      await scene.byVault(scene.world.guardian.address, "lowerDepositCap", [cap]);
    },
  },
  "lower a cap": {
    weight: 0.3,
    run: async (scene) => {
      const [number, { cap, held }] = scene.random.pick([...scene.state.listings]);
      const lowered = scene.random.chance(0.3) ? held : cap - scene.random.upTo(cap / 4n);
      await scene.byBook(scene.world.guardian.address, "lowerCap", [number, lowered]);
    },
  },
  "retire a listing": {
    weight: 0.1,
    run: async (scene) => {
      const standing = [...scene.state.listings].filter(([, { isRetired }]) => !isRetired);
      if (standing.length < 5) throw new NothingToDoError();
      const [number] = scene.random.pick(standing);
      await scene.byBook(scene.world.guardian.address, "retire", [number]);
    },
  },
  "propose a deposit cap": {
    weight: 0.5,
    run: async (scene) => {
      const action = raiseDepositCap(scene.state.depositCap + scene.amount(5_000_000n) + 1n);
      await scene.byVault(scene.world.curator.address, "propose", [action]);
    },
  },
  "propose a cap": {
    weight: 0.5,
    run: async (scene) => {
      const [number, { cap }] = scene.random.pick([...scene.state.listings]);
      const raised = cap + (MAX_TOKENS - cap) / scene.random.within(2n, 1_000n);
      await propose(scene, bookAction("raiseCap", [number, raised]));
    },
  },
  "propose a listing": {
    weight: 0.5,
    run: async (scene) => {
      if (scene.state.listings.size >= MOST_LISTINGS) throw new NothingToDoError();
      const decimals = scene.random.pick([2, 6, 8, 18]);
      const feeds = scene.random.pick([[8], [8, 12]]);
      const listed = { decimals, dollars: "15", bounds: ["0.05", "40"] as const, feeds };
      const candidate = await newCandidate(scene.world, listed);
      await supply(scene.world, candidate.token);
      await propose(scene, bookAction("addListing", [await listingConfig(candidate)]));
    },
  },
  "propose feeds": {
    weight: 0.5,
    run: async (scene) => {
      const [number, { token }] = scene.random.pick([...scene.state.listings]);
      const collateral = scene.world.collateral.get(token);
      if (collateral === undefined) throw new Error(`There is no token ${token}.`);
      const [feed, secondFeed = NO_FEED] = await newFeeds(scene.world, collateral, scene.random.pick([[8], [8, 12]]));
      if (feed === undefined) throw new Error("One was made.");
      await propose(scene, bookAction("replaceFeeds", [number, feed, secondFeed]));
    },
  },
  "propose a feed of the loan asset": {
    weight: 0.3,
    run: async (scene) => propose(scene, bookAction("replaceLoanAssetFeed", [await newLoanAssetFeed(scene.world)])),
  },
  "propose a feed of the sequencer": {
    weight: 0.3,
    run: async (scene) => {
      if (scene.state.sequencerFeed === NO_ADDRESS) throw new NothingToDoError();
      await propose(scene, bookAction("replaceSequencerFeed", [await (await newSequencer()).getAddress()]));
    },
  },
  execute: {
    weight: 2,
    run: async (scene) => {
      const [contract, , { action, proposedAt }] = proposalOf(scene);
      const age = clock.now() - proposedAt;
      const due = AGES.map((days) => days * DAY).find((least) => least >= age) ?? age;
      if (scene.random.chance(0.9)) await scene.wait(due - age + scene.random.within(0n, 1_000n));
      await scene.by(contract, scene.world.curator.address, "execute", [action]);
    },
  },
  "cancel a proposal": {
    weight: 0.3,
    run: async (scene) => {
      const [contract, id] = proposalOf(scene);
      await scene.by(contract, scene.world.guardian.address, "cancel", [id]);
    },
  },
  "cancel all proposals": {
    weight: 0.1,
    run: async (scene) => scene.by(scene.random.pick(["vault", "book"]), scene.world.guardian.address, "cancelAll", []),
  },
  "authorize an operator": {
    weight: 1,
    run: async (scene) => {
      const [{ address: owner }, { address: operator }] = [scene.actor, scene.actor];
      const isAuthorized = scene.random.chance(0.7);
      await scene.byBook(owner, "setAuthorization", [operator, isAuthorized]);
      return { event: "AuthorizationSet", args: { owner, operator, isAuthorized } };
    },
  },
  "authorize by signature": {
    weight: 0.5,
    run: async (scene) => {
      const { book } = scene.world;
      const { authorization, signature } = await signAuthorization(book, scene.actor, scene.actor);
      await scene.byBook(scene.lender.address, "setAuthorizationWithSig", [authorization, signature]);
      return { event: "NonceUsed", args: { owner: authorization.owner, nonce: authorization.nonce } };
    },
  },
  "revoke signatures": { weight: 0.3, run: async (scene) => scene.byBook(scene.actor.address, "revokeSignatures", []) },
};

async function propose(scene: Scene, action: string): Promise<void> {
  await scene.byBook(scene.world.curator.address, "propose", [action]);
}

/** One that stands, and seldom one that has lapsed. */
function proposalOf({ state, random }: Scene): readonly ["vault" | "book", id: string, ProposalState] {
  const oldest = random.chance(0.1) ? 0n : clock.now() - 36n * DAY;
  const all = (["vault", "book"] as const)
    .flatMap((contract) => [...state.proposals[contract]].map(([id, proposal]) => [contract, id, proposal] as const))
    .filter(([, , { proposedAt }]) => proposedAt >= oldest)
    .sort(([, , a], [, , b]) => (a.action < b.action ? -1 : 1)); // in an order that does not depend on the SDK
  if (all.length === 0) throw new NothingToDoError();
  return random.pick(all);
}
