import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import { fund, usdc, wbtc, weth } from "../../scripts/snapshots/bench-ground.ts";
import { FALLEN_WETH } from "../../scripts/snapshots/bench-market.ts";
import { AaveMarket } from "./aave.ts";
import { crowdOf } from "./crowd.ts";
import { inOne, inSeveral, type Deeds, type System, type Transaction } from "./system.ts";

/** Aave v3, called as wallets call it: a transaction for each step. */
export const aaveV3: System = {
  name: "aave-v3",
  notes: ["Version 3.6, without a rewards controller, which mainnet has and which costs more."],
  deploy: async (chain, feedKind) => {
    const market = await AaveMarket.deploy(chain, feedKind);
    await use(market);
    return { wait: market.ground.wait, deeds: deedsOf(market) };
  },
};

/** Lends and borrows, so that nothing that an operation meets is there for the first time unless its name says so. */
async function use(market: AaveMarket): Promise<void> {
  const { ground, pool } = market;
  const { chain, actors, wait } = ground;
  const { whale, lender, borrower, operator, keeper } = actors;
  const crowd = crowdOf(ground);
  await fund(ground, [...new Set([...Object.values<HardhatEthersSigner>({ ...actors }), ...crowd])], [pool]);
  const open = async (from: HardhatEthersSigner, pledged: bigint, borrowed: bigint): Promise<void> => {
    await chain.send(market.supply(from, "weth", pledged));
    await chain.send(market.borrow(from, borrowed));
  };

  await chain.send(market.supply(whale, "usdc", usdc("10000000")));
  await chain.send(market.supply(lender, "usdc", usdc("1000")));
  await wait();
  await chain.send(market.supply(whale, "wbtc", wbtc("100")));
  // The treasury has had its part of a liquidation before.
  await chain.send(market.supply(whale, "weth", weth("1"), ground.treasury));
  await open(whale, weth("1000"), usdc("1000000"));
  for (const owner of crowd) await open(owner, weth("10"), usdc("15000"));
  await open(keeper, weth("10"), usdc("1000"));
  await wait();
  await open(borrower, weth("10"), usdc("10000"));
  await chain.send(market.supply(operator, "wbtc", wbtc("1")));
  await open(operator, weth("10"), usdc("10000"));
}

function deedsOf(market: AaveMarket): Deeds {
  const { chain, actors } = market.ground;
  const { lender, newcomer, borrower, operator, neighbour, keeper } = actors;
  const open = (from: HardhatEthersSigner): Transaction[] => [
    market.supply(from, "weth", weth("10")),
    market.borrow(from, usdc("10000")),
  ];
  const close = [market.repay(borrower), market.withdraw(borrower, "weth")];
  const closeFirst = async (): Promise<void> => {
    for (const step of close) await chain.send(step);
  };
  return {
    "lend-first": inOne(market.supply(newcomer, "usdc", usdc("1000"))),
    "lend-again": inOne(market.supply(lender, "usdc", usdc("1000"))),
    "withdraw-part": inOne(market.withdraw(lender, "usdc", usdc("500"))),
    "withdraw-all": inOne(market.withdraw(lender, "usdc")),
    "open-first": inSeveral(...open(newcomer)),
    "open-again": { prepare: closeFirst, transactions: open(borrower) },
    "open-two-assets": {
      prepare: closeFirst,
      transactions: [market.supply(borrower, "wbtc", wbtc("1")), ...open(borrower)],
    },
    "borrow-more": inOne(market.borrow(borrower, usdc("1000"))),
    // The operator is somebody with two assets here.
    "borrow-two-assets": inOne(market.borrow(operator, usdc("1000"))),
    "repay-part": inOne(market.repay(borrower, usdc("500"))),
    close: inSeveral(...close),
    "release-part": inOne(market.withdraw(borrower, "weth", weth("1"))),
    "liquidate-one": { wethPrice: FALLEN_WETH, transactions: [market.liquidate(keeper, neighbour)] },
  };
}
