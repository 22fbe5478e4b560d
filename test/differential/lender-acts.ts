/** What lenders do, and what is done to the vault. */
import { maxRedeem, maxWithdraw, previewMint, previewRedeem } from "../../sdk/src/math/vault-shares.ts";
import { previewLend } from "../../sdk/src/previews/lend.ts";
import { previewWithdraw } from "../../sdk/src/previews/withdraw.ts";
import { clock } from "../helpers/chain.ts";
import type { Acts, Scene } from "./scene.ts";

export const LENDER_ACTS: Acts = {
  deposit: {
    weight: 3,
    run: async (scene) => {
      const [{ address }, { address: owner }] = [scene.lender, scene.actor];
      const assets = scene.amount(300_000n);
      const outcome = previewLend(scene.snapshot, { owner, shares: sharesOf(scene, owner) }, assets);
      await scene.previewedByVault(outcome, address, "deposit", [assets, owner]);
      return { event: "Deposit", args: { assets, shares: outcome.shares }, outcome };
    },
  },
  mint: {
    weight: 2,
    run: async (scene) => {
      const [{ address }, shares] = [scene.lender, scene.amount(100_000n) * 10n ** 6n];
      const assets = previewMint(scene.shared, shares, clock.now());
      await scene.byVault(address, "mint", [shares, address]);
      return { event: "Deposit", args: { assets, shares } };
    },
  },
  withdraw: {
    weight: 2,
    run: async (scene) => {
      const [owner, shares] = holderOf(scene);
      const assets = scene.random.upTo(some(scene, maxWithdraw(scene.shared, shares, clock.now()) + 1n));
      const outcome = previewWithdraw(scene.snapshot, { owner, shares }, assets);
      await scene.previewedByVault(outcome, owner, "withdraw", [assets, scene.actor.address, owner]);
      return { event: "Withdraw", args: { assets, shares: outcome.shares }, outcome };
    },
  },
  redeem: {
    weight: 2,
    run: async (scene) => {
      const [holder, balance] = holderOf(scene);
      const shares = scene.random.upTo(some(scene, maxRedeem(scene.shared, balance, clock.now())));
      const assets = previewRedeem(scene.shared, shares, clock.now());
      await scene.byVault(holder, "redeem", [shares, holder, holder]);
      return { event: "Withdraw", args: { assets, shares } };
    },
  },
  "transfer shares": {
    weight: 1,
    run: async (scene) => {
      const [holder, balance] = holderOf(scene);
      await scene.byVault(holder, "transfer", [scene.actor.address, scene.random.upTo(balance)]);
    },
  },
  "have shares spent": {
    weight: 1,
    run: async (scene) => {
      const [[holder, balance], { address: spender }] = [holderOf(scene), scene.actor];
      const value = scene.random.upTo(balance);
      await scene.byVault(holder, "approve", [spender, value]);
      await scene.byVault(spender, "transferFrom", [holder, scene.lender.address, scene.random.upTo(value)]);
    },
  },
  accrue: { weight: 1, run: async (scene) => scene.byVault(scene.actor.address, "accrue", []) },
  "flash loan": {
    weight: 1,
    run: async (scene) => {
      const { flashActor } = scene.world.known;
      const amount = scene.random.upTo(scene.vault.cash);
      const asset = await scene.world.usdc.getAddress();
      await scene.byVault(scene.actor.address, "flashLoan", [flashActor.address, asset, amount, "0x"]);
      return { event: "FlashLoan", args: { amount } };
    },
  },
};

/** Somebody who has shares. */
function holderOf(scene: Scene): [holder: string, balance: bigint] {
  const { random, world } = scene;
  const all = [...world.lenders, ...world.actors].map(({ address }) => address);
  const holders = all.filter((address) => sharesOf(scene, address) !== 0n);
  const holder = holders.length === 0 ? world.lender.address : random.pick(holders);
  return [holder, sharesOf(scene, holder)];
}

function sharesOf({ state }: Scene, owner: string): bigint {
  return state.balances.get(owner) ?? 0n;
}

/** Lenders seldom take all. */
function some({ random }: Scene, most: bigint): bigint {
  return random.chance(0.1) ? most : most / 10n;
}
