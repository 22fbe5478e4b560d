/** The SDK's reducer beside the contracts: the chain's blocks as it takes them, and every view that it must equal. */
import { Comparison } from "../differential/comparison.ts";
import { askState, type Names, type ViewedMarket } from "../differential/state-figures.ts";
import { decoder, type RawLog } from "../../sdk/src/state/decode.ts";
import type { Block } from "../../sdk/src/state/market-history.ts";
import type { MarketState } from "../../sdk/src/state/market-state.ts";
import { ethers } from "./chain.ts";
import type { Market } from "./market.ts";

interface RawBlock {
  hash: string;
  parentHash: string;
  timestamp: string;
}

interface NumberedLog extends RawLog {
  blockNumber: string;
}

/** The blocks of the chain with the market's logs, from the first one on or from a later one. */
export async function blocksOf(market: Pick<Market, "vault" | "book">, from = 0): Promise<Block[]> {
  return blocksFrom(await viewed(market), from);
}

/** The blocks of the chain from one on, with the market's logs. */
export async function blocksFrom({ vault, book }: ViewedMarket, from: number): Promise<Block[]> {
  const decode = decoder({ vault, book });
  const fromBlock = `0x${from.toString(16)}`;
  const filter = { address: [vault.address, book.address], fromBlock };
  const [latest, logs] = (await Promise.all([
    ethers.provider.send("eth_blockNumber", []),
    ethers.provider.send("eth_getLogs", [filter]),
  ])) as [string, NumberedLog[]];
  const blocks: Block[] = [];
  for (let number = from; number <= Number(latest); number++) {
    const params = [`0x${number.toString(16)}`, false];
    const { hash, parentHash, timestamp } = (await ethers.provider.send("eth_getBlockByNumber", params)) as RawBlock;
    const own = logs.filter(({ blockNumber }) => Number(blockNumber) === number);
    blocks.push({ number, hash, parentHash, time: BigInt(timestamp), logs: own.map(decode) });
  }
  return blocks;
}

/** Every map of a state as a sorted list, so that two states can be compared. */
export function frozen(state: MarketState): unknown {
  const { vault, depositCap, totalSupply, loanAssetFeed, peg, sequencerFeed, proposalsVoidBefore } = state;
  const maps = [state.balances, state.pauses, state.listings, state.loans, state.credits, state.operators];
  const lists = [...maps, state.nonces, state.proposals.vault, state.proposals.book].map(sorted);
  return { vault, depositCap, totalSupply, loanAssetFeed, peg, sequencerFeed, proposalsVoidBefore, lists };
}

function sorted(map: ReadonlyMap<unknown, unknown>): unknown[] {
  const entries = [...map].map(([key, value]): [string, unknown] => [
    String(key),
    value instanceof Map ? sorted(value) : value instanceof Set ? [...value].map(String).sort() : value,
  ]);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Compares a state with all that the contracts tell of the same block, to the unit. */
export async function expectOnChain(
  market: Market,
  state: MarketState,
  { number, time }: Block,
  names: Names,
): Promise<void> {
  const comparison = new Comparison(number);
  askState(comparison, await viewed(market), state, names, time, 0n);
  await comparison.settle();
}

async function viewed({ vault, book }: Pick<Market, "vault" | "book">): Promise<ViewedMarket> {
  return {
    vault: { address: await vault.getAddress(), interface: vault.interface },
    book: { address: await book.getAddress(), interface: book.interface },
  };
}
