import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import { fund, usdc, weth } from "../../scripts/snapshots/bench-ground.ts";
import { call } from "./call.ts";
import { Deployer } from "./deployer.ts";
import { MORPHO_NOTES, MorphoMarket } from "./morpho.ts";
import { compileOwn } from "./own-contracts.ts";
import { inOne, type System, type Transaction } from "./system.ts";

/** A vault that lends through Morpho Blue: how most people lend there. */
export const metamorpho: System = {
  name: "metamorpho",
  notes: [
    "bench/gas/contracts/MorphoVault.sol stands in. The package @morpho-org/metamorpho has no code in it; theirs costs more, as it keeps caps, queues and a fee.",
    ...MORPHO_NOTES,
  ],
  deploy: async (chain, feedKind) => {
    const market = await MorphoMarket.deploy(chain, feedKind);
    const { ground, morpho } = market;
    const { deployer, actors, wait } = ground;
    const { whale, lender, newcomer } = actors;
    const vault = await new Deployer(chain, deployer, await compileOwn()).deploy("MorphoVault", morpho, market.params);
    await fund(ground, Object.values<HardhatEthersSigner>({ ...actors }), [morpho, vault]);

    const send = (from: HardhatEthersSigner, name: string, ...args: unknown[]): Transaction =>
      call(vault, from, name, ...args);
    for (const earlier of [
      send(whale, "deposit", usdc("10000000"), whale),
      send(lender, "deposit", usdc("1000"), lender),
      market.pledge(whale, weth("1000")),
      market.borrow(whale, usdc("1000000")),
    ]) {
      await chain.send(earlier);
    }
    const withdrawAll: Transaction = async () =>
      send(lender, "redeem", await vault.getFunction("balanceOf").staticCall(lender), lender, lender)();
    return {
      wait,
      deeds: {
        "lend-first": inOne(send(newcomer, "deposit", usdc("1000"), newcomer)),
        "lend-again": inOne(send(lender, "deposit", usdc("1000"), lender)),
        "withdraw-part": inOne(send(lender, "withdraw", usdc("500"), lender, lender)),
        "withdraw-all": inOne(withdrawAll),
      },
    };
  },
};
