import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { Contract, dataSlice, getAddress, id, MaxUint256 } from "ethers";

import { dollars, PRICES, usdc, weth, type Feed, type FeedKind } from "../../scripts/snapshots/bench-ground.ts";
import type { BenchMarket } from "../../scripts/snapshots/bench-market.ts";
import { DEADLINE } from "../../scripts/snapshots/operation.ts";
import { count } from "../../scripts/snapshots/snapshot.ts";
import { signAuthorization } from "../../sdk/src/signatures.ts";
import { call } from "../gas/call.ts";
import { crowdLoans, ownersOf, type CrowdLoan } from "./crowd-loans.ts";
import { addListings } from "./listings.ts";
import type { Size } from "./size.ts";

/** What was listed last, which the borrower of the bench market has none of yet. */
export interface LastListing {
  readonly number: bigint;
  readonly feed: Feed;
}

/** Who brings the crowd's money and sends its transactions: neither an actor of the market nor anybody it was made by. */
const AGENT = 15;

/** What each loan of the crowd draws: half of what its one pledge is worth. */
const DRAWN = usdc("200");

const QUARTER = { duration: 90 * 86_400, maxRate: MaxUint256 };

/** After this the average of the supply, which fixed terms are quoted by, has nearly arrived. [s] */
const WEEKS = 28 * 86_400;

/** Brings the called loans above their call lines, and not above their liquidation lines. [1e-8 USD] */
const CALLED_PRICE = dollars("1200");

const WAD = 10n ** 18n;

/** How many of them go into a transaction. */
const BATCH = 20;

/** A transaction may have no more: see EIP-7825. To look for how much it needs would take longer than to send it. */
const OVERRIDES = { gasLimit: 16_000_000n };

/**
 * Fills a market with others. For all that is to be borrowed lenders bring as much as keeps utilisation, and every market waits as long,
 * however many come. So rates and the index are the same in all but for what little of the debt has fixed terms, which is not the same
 * share everywhere. Else only calldata differs: numbers of listings and amounts of shares have other digits.
 */
export async function fill(
  market: BenchMarket,
  size: Size,
  feedKind: FeedKind,
  say: (line: string) => void,
): Promise<LastListing> {
  const agent = (await market.chain.signers())[AGENT];
  if (agent === undefined) throw new Error("There are too few accounts.");
  const feed = await addListings(market, size.listings, feedKind, agent);
  await equip(market, agent);

  const owners = ownersOf(size.loans, agent.provider);
  const loans = crowdLoans(size.loans, size.listings, owners);
  await authorize(market, agent, owners);
  const opened = counter(size.loans, say);
  const lendAndOpen = async (some: readonly CrowdLoan[]): Promise<void> => {
    await lend(market, agent, { loans: some.length, lenders: size.lenders });
    await open(market, agent, { loans: some, opened });
  };
  await lendAndOpen(loans.filter(({ isFixedTerm }) => !isFixedTerm));
  market.chain.advance(WEEKS);
  await market.wait();
  await lendAndOpen(loans.filter(({ isFixedTerm }) => isFixedTerm));
  await callMargins(market, agent, { loans: loans.filter(({ isCalled }) => isCalled), feed });
  return { number: BigInt(size.listings - 1), feed };
}

/** Gives somebody plenty of a token, and lets the spenders take it for ever. */
export async function giveToken(
  { chain, vault, book }: BenchMarket,
  token: string,
  owner: HardhatEthersSigner,
): Promise<void> {
  const abi = ["function mint(address, uint256)", "function approve(address, uint256)"];
  const contract = new Contract(token, abi, owner);
  await chain.send(call(contract, owner, "mint", owner.address, weth("1000000")));
  for (const spender of [vault, book]) await chain.send(call(contract, owner, "approve", spender, MaxUint256));
}

/** The address of a lender of the crowd, for whom the agent deposits. */
export function lenderOf(n: number): string {
  return getAddress(dataSlice(id(`lender ${n}`), 12));
}

/** What the crowd lends and pledges. */
async function equip(market: BenchMarket, agent: HardhatEthersSigner): Promise<void> {
  const { vault, book } = market;
  await giveToken(market, await vault.asset(), agent);
  const listings = Number(await book.listingCount());
  for (let n = 0; n < listings; n++) await giveToken(market, (await book.listings(n)).token, agent);
}

/** Each lender deposits its part of what leaves utilisation as it is when loans have been drawn. */
async function lend(
  { chain, vault }: BenchMarket,
  agent: HardhatEthersSigner,
  { loans, lenders }: Omit<Size, "listings">,
): Promise<void> {
  const deposit = (BigInt(loans) * DRAWN * WAD) / (await vault.utilisation()) / BigInt(lenders);
  for (let n = 0; n < lenders; n++) {
    await chain.send(async () => vault.connect(agent).deposit(deposit, lenderOf(n), OVERRIDES));
  }
}

/** The owners let the agent open loans in their names, and pledge its tokens. */
async function authorize(
  { chain, book }: BenchMarket,
  agent: HardhatEthersSigner,
  owners: ReturnType<typeof ownersOf>,
): Promise<void> {
  const terms = { operator: agent.address, isAuthorized: true, deadline: DEADLINE };
  for (const batch of batchesOf(owners)) {
    const signed = await Promise.all(
      batch.map(async (owner) => signAuthorization(owner, await book.getAddress(), terms)),
    );
    const calls = signed.map(({ authorization, signature }) =>
      book.interface.encodeFunctionData("setAuthorizationWithSig", [authorization, signature]),
    );
    await chain.send(async () => book.connect(agent).multicall(calls, OVERRIDES));
  }
}

async function open(
  { chain, book }: BenchMarket,
  agent: HardhatEthersSigner,
  { loans, opened }: { loans: readonly CrowdLoan[]; opened: (more: number) => void },
): Promise<void> {
  const encoded = ({ id: loan, pledges, isFixedTerm }: CrowdLoan): string =>
    isFixedTerm
      ? book.interface.encodeFunctionData("openTerm", [loan, [...pledges], DRAWN, QUARTER, agent.address])
      : book.interface.encodeFunctionData("open", [loan, [...pledges], DRAWN, agent.address]);
  for (const batch of batchesOf(loans)) {
    await chain.send(async () => book.connect(agent).multicall(batch.map(encoded), OVERRIDES));
    opened(batch.length);
  }
}

/** The price falls for a moment; what was called stays called until somebody cures it. */
async function callMargins(
  { chain, book }: BenchMarket,
  agent: HardhatEthersSigner,
  { loans, feed }: { loans: readonly CrowdLoan[]; feed: Feed },
): Promise<void> {
  await chain.send(async () => feed.connect(agent).set(CALLED_PRICE));
  for (const batch of batchesOf(loans)) {
    const ids = batch.map((loan) => loan.id);
    await chain.send(async () => book.connect(agent).callMarginBatch(ids, OVERRIDES));
  }
  await chain.send(async () => feed.connect(agent).set(PRICES.weth));
}

function batchesOf<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_, i) => items.slice(i * BATCH, (i + 1) * BATCH));
}

/** Says it for every thousand. */
function counter(loans: number, say: (line: string) => void): (more: number) => void {
  let done = 0;
  let said = 0;
  return (more) => {
    done += more;
    if (done < said + 1_000) return;
    said = done - (done % 1_000);
    say(`${count(said)} of ${count(loans)} loans`);
  };
}
