import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import { fund, layBenchGround, usdc, weth } from "../../scripts/snapshots/bench-ground.ts";
import { call } from "./call.ts";
import { Deployer } from "./deployer.ts";
import { compileOwn } from "./own-contracts.ts";
import { inOne, type System, type Transaction } from "./system.ts";

/** What the same deeds cost at least: see contracts/Floor.sol. */
export const floor: System = {
  name: "floor",
  notes: ["A bare contract that only moves the tokens, reads both feeds, writes the slots and emits an event."],
  deploy: async (chain, feedKind) => {
    const ground = await layBenchGround(chain, feedKind);
    const { deployer, actors, tokens, feeds } = ground;
    const { whale, lender, newcomer, neighbour, borrower } = actors;
    const contracts = [tokens.usdc, tokens.weth, feeds.usdc, feeds.weth];
    const one = await new Deployer(chain, deployer, await compileOwn()).deploy("Floor", ...contracts);
    await fund(ground, Object.values<HardhatEthersSigner>({ ...actors }), [one]);

    const send = (from: HardhatEthersSigner, name: string, ...args: bigint[]): Transaction =>
      call(one, from, name, ...args);
    for (const earlier of [
      send(whale, "lend", usdc("10000000")),
      send(lender, "lend", usdc("1000")),
      send(neighbour, "open", weth("1000"), usdc("1000000")),
      send(borrower, "open", weth("10"), usdc("10000")),
    ]) {
      await chain.send(earlier);
    }
    return {
      wait: ground.wait,
      deeds: {
        "lend-first": inOne(send(newcomer, "lend", usdc("1000"))),
        "lend-again": inOne(send(lender, "lend", usdc("1000"))),
        "withdraw-part": inOne(send(lender, "withdraw", usdc("500"))),
        "open-first": inOne(send(newcomer, "open", weth("10"), usdc("10000"))),
        "borrow-more": inOne(send(borrower, "borrow", usdc("1000"))),
        "repay-part": inOne(send(borrower, "repay", usdc("500"))),
        close: inOne(send(borrower, "close")),
      },
    };
  },
};
