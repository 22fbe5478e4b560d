import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import { fund, usdc, weth } from "../../scripts/snapshots/bench-ground.ts";
import { FALLEN_WETH } from "../../scripts/snapshots/bench-market.ts";
import { crowdOf } from "./crowd.ts";
import { MORPHO_NOTES, MorphoMarket } from "./morpho.ts";
import { inOne, inSeveral, type Deeds, type System } from "./system.ts";

/** Morpho Blue, called as wallets call it: a transaction for each step. */
export const morphoBlue: System = {
  name: "morpho-blue",
  notes: MORPHO_NOTES,
  deploy: async (chain, feedKind) => {
    const market = await MorphoMarket.deploy(chain, feedKind);
    await use(market);
    return { wait: market.ground.wait, deeds: deedsOf(market) };
  },
};

/** Lends and borrows, so that nothing that an operation meets is there for the first time unless its name says so. */
async function use(market: MorphoMarket): Promise<void> {
  const { ground, morpho } = market;
  const { chain, actors, wait } = ground;
  const { whale, lender, borrower, keeper } = actors;
  const crowd = crowdOf(ground);
  await fund(ground, [...new Set([...Object.values<HardhatEthersSigner>({ ...actors }), ...crowd])], [morpho]);
  const open = async (from: HardhatEthersSigner, pledged: bigint, borrowed: bigint): Promise<void> => {
    await chain.send(market.pledge(from, pledged));
    await chain.send(market.borrow(from, borrowed));
  };

  await chain.send(market.lend(whale, usdc("10000000")));
  await chain.send(market.lend(lender, usdc("1000")));
  await wait();
  await open(whale, weth("1000"), usdc("1000000"));
  for (const owner of crowd) await open(owner, weth("10"), usdc("15000"));
  await open(keeper, weth("10"), usdc("1000"));
  await wait();
  await open(borrower, weth("10"), usdc("10000"));
}

function deedsOf(market: MorphoMarket): Deeds {
  const { chain, actors } = market.ground;
  const { lender, newcomer, borrower, neighbour, keeper } = actors;
  const close = [market.repayAll(borrower), market.release(borrower, weth("10"))];
  return {
    "lend-first": inOne(market.lend(newcomer, usdc("1000"))),
    "lend-again": inOne(market.lend(lender, usdc("1000"))),
    "withdraw-part": inOne(market.withdraw(lender, usdc("500"))),
    "withdraw-all": inOne(market.withdrawAll(lender)),
    "open-first": inSeveral(market.pledge(newcomer, weth("10")), market.borrow(newcomer, usdc("10000"))),
    "open-again": {
      prepare: async () => {
        for (const step of close) await chain.send(step);
      },
      transactions: [market.pledge(borrower, weth("10")), market.borrow(borrower, usdc("10000"))],
    },
    "borrow-more": inOne(market.borrow(borrower, usdc("1000"))),
    "repay-part": inOne(market.repay(borrower, usdc("500"))),
    close: inSeveral(...close),
    "release-part": inOne(market.release(borrower, weth("1"))),
    "liquidate-one": { wethPrice: FALLEN_WETH, transactions: [market.liquidate(keeper, neighbour)] },
  };
}
