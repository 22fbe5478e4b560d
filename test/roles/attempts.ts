/** With what arguments each function is tried: those of somebody who would gain by it. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { MaxUint256, ZeroHash } from "ethers";

import type { ContractName } from "../../scripts/roles/powers.ts";
import { deployActor } from "../helpers/actor.ts";
import { authorizationOf, sign } from "../helpers/authorizations.ts";
import { HOUR } from "../helpers/chain.ts";
import { bookAction, CURATOR, GUARDIAN, idOfAction, PROPOSAL_DELAY, raiseDepositCap } from "../helpers/governance.ts";
import { debts, LINK, loanId, usdc, waitWithLiveFeeds, WETH, weth } from "../helpers/market.ts";
import { announceAsAdmin } from "../helpers/officers.ts";
import { signPermit } from "../helpers/permits.ts";
import {
  age,
  call,
  earnCredit,
  earnReserves,
  FIXED,
  MONTH,
  openFixed,
  ruin,
  RUINED,
  weaken,
  type Scene,
} from "./scene.ts";

interface Attempt {
  /** What must be so for the call to make sense. */
  prepare?: (scene: Scene) => Promise<unknown>;
  args: (scene: Scene, caller: HardhatEthersSigner) => unknown[] | Promise<unknown[]>;
}

/** By function; what is tried in more than one way is named after a colon. */
export type Attempts = Readonly<Record<string, Attempt>>;

const DEPOSIT = 0n;

const newDepositCap = raiseDepositCap(usdc("20,000,000"));
const newCap = bookAction("raiseCap", [WETH, weth("9,000")]);

const proposeDepositCap = async ({ vault, curator }: Scene): Promise<unknown> =>
  vault.connect(curator).propose(newDepositCap);
const proposeCap = async ({ book, curator }: Scene): Promise<unknown> => book.connect(curator).propose(newCap);

/** To any contract: whether it is a good one is not asked. */
const setAuthority: Attempt = { args: async (scene) => [await scene.usdc.getAddress()] };

const vaultAttempts: Attempts = {
  accrue: { args: () => [] },
  accrueDebt: { args: () => [] },
  approve: { args: ({ other }) => [other.address, 1n] },
  cancel: { prepare: proposeDepositCap, args: () => [idOfAction(newDepositCap)] },
  cancelAll: { args: () => [] },
  deposit: { args: (_, caller) => [usdc("1"), caller.address] },
  draw: { args: (_, caller) => [caller.address, usdc("1"), debts({})] },
  execute: {
    prepare: async (scene) => {
      await proposeDepositCap(scene);
      await waitWithLiveFeeds(scene, PROPOSAL_DELAY);
    },
    args: () => [newDepositCap],
  },
  flashLoan: {
    args: async (scene) => [
      await (await deployActor(scene)).getAddress(),
      await scene.usdc.getAddress(),
      usdc("1"),
      "0x",
    ],
  },
  lowerDepositCap: { args: () => [0n] },
  mint: { args: (_, caller) => [1n, caller.address] },
  pause: { args: () => [DEPOSIT] },
  permit: { args: async (scene, caller) => permitOfLendersShares(scene, caller) },
  propose: { args: () => [newDepositCap] },
  redeem: { args: ({ lender }, caller) => [10n ** 12n, caller.address, lender.address] },
  refinanced: {
    args: (_, caller) => [debts({ scaled: usdc("10,000") }), debts({}), usdc("1"), 0n, 0n, caller.address],
  },
  retire: { args: () => [debts({ scaled: usdc("10,000") }), usdc("10,000"), 0n] },
  setAuthority,
  sweepReserves: { prepare: earnReserves, args: () => [] },
  transfer: { args: ({ other }) => [other.address, 1n] },
  transferFrom: { args: ({ lender }, caller) => [lender.address, caller.address, 1n] },
  unpause: {
    prepare: async ({ vault, guardian }) => vault.connect(guardian).pause(DEPOSIT),
    args: () => [DEPOSIT],
  },
  withdraw: { args: ({ lender }, caller) => [usdc("1"), caller.address, lender.address] },
  writeOff: { args: () => [debts({ scaled: usdc("10,000") })] },
};

const refinancing = (amount: bigint): Attempt => ({
  prepare: age,
  args: ({ id }, caller) => [id, [MONTH, amount, 0n, false, caller.address]],
});

const orderFor = (id: bigint, listing: bigint): [bigint, bigint, bigint, bigint] => [id, listing, MaxUint256, 0n];

const bookAttempts: Attempts = {
  borrow: { args: ({ id }, caller) => [id, usdc("100"), caller.address] },
  "callMargin: a loan above its call line": { prepare: weaken, args: ({ weakId }) => [weakId] },
  "callMargin: a loan in order": { args: ({ id }) => [id] },
  "callMarginBatch: a loan above its call line": { prepare: weaken, args: ({ weakId }) => [[weakId]] },
  "callMarginBatch: a loan in order": { args: ({ id }) => [[id]] },
  cancel: { prepare: proposeCap, args: () => [idOfAction(newCap)] },
  cancelAll: { args: () => [] },
  claimCredit: { prepare: earnCredit, args: (_, caller) => [LINK, caller.address] },
  "clearMarginCall: a call that has lapsed": {
    prepare: async (scene) => {
      await call(scene);
      await waitWithLiveFeeds(scene, 36n * HOUR);
    },
    args: ({ weakId }) => [weakId],
  },
  "clearMarginCall: a call that stands": { prepare: call, args: ({ weakId }) => [weakId] },
  close: { args: ({ id }, caller) => [id, MaxUint256, caller.address] },
  execute: {
    prepare: async (scene) => {
      await proposeCap(scene);
      await waitWithLiveFeeds(scene, PROPOSAL_DELAY);
    },
    args: () => [newCap],
  },
  "liquidate: a loan above its liquidation line": {
    prepare: weaken,
    args: ({ weakId }) => [orderFor(weakId, LINK), "0x"],
  },
  "liquidate: a loan in order": { args: ({ id }) => [orderFor(id, WETH), "0x"] },
  "liquidateBatch: a loan above its liquidation line": {
    prepare: weaken,
    args: ({ weakId }) => [[orderFor(weakId, LINK)], "0x"],
  },
  "liquidateBatch: a loan in order": { args: ({ id }) => [[orderFor(id, WETH)], "0x"] },
  lowerCap: { args: () => [WETH, 0n] },
  "multicall: the caller's own business": {
    args: ({ book, other }) => [[book.interface.encodeFunctionData("setAuthorization", [other.address, true])]],
  },
  "multicall: a draw on the borrower's loan": {
    args: ({ book, id }, caller) => [[book.interface.encodeFunctionData("borrow", [id, usdc("100"), caller.address])]],
  },
  "multicall: an officer's function": {
    args: ({ book }) => [[book.interface.encodeFunctionData("retire", [WETH])]],
  },
  open: {
    args: ({ borrower }, caller) => [loanId(borrower, 2n), [[WETH, weth("1")]], usdc("100"), caller.address],
  },
  openTerm: {
    prepare: age,
    args: ({ borrower }, caller) => [loanId(borrower, 2n), [[WETH, weth("1")]], usdc("100"), MONTH, caller.address],
  },
  permit: { args: async (scene) => [await scene.usdc.getAddress(), 1n, MaxUint256, 27n, ZeroHash, ZeroHash] },
  "pledge: more of what a loan holds": { args: ({ id }) => [id, WETH, 1n] },
  "pledge: another asset": { args: ({ id }) => [id, LINK, 1n] },
  propose: { args: () => [newCap] },
  "refinance: drawing more": refinancing(usdc("100")),
  "refinance: drawing nothing": refinancing(0n),
  release: { args: ({ id }, caller) => [id, WETH, 1n, caller.address] },
  repay: { args: ({ id }) => [id, usdc("100")] },
  retire: { args: () => [WETH] },
  revokeSignatures: { args: () => [] },
  "roll: a loan that has matured": {
    prepare: async (scene) => {
      await openFixed(scene);
      await waitWithLiveFeeds(scene, MONTH.duration);
    },
    args: ({ other }) => [loanId(other, FIXED)],
  },
  "roll: a loan within its term": { prepare: openFixed, args: ({ other }) => [loanId(other, FIXED)] },
  setAuthority,
  setAuthorization: { args: ({ other }) => [other.address, true] },
  "setAuthorizationWithSig: the borrower's signature": {
    args: async (scene) => authorizationOfBorrower(scene, scene.borrower, scene.other),
  },
  "setAuthorizationWithSig: a signature of one's own": {
    args: async (scene, caller) => authorizationOfBorrower(scene, caller, caller),
  },
  "writeOff: a loan whose pledges are worth next to nothing": {
    prepare: ruin,
    args: ({ other }) => [loanId(other, RUINED)],
  },
  "writeOff: a loan in order": { args: ({ id }) => [id] },
};

const encodeGrant = ({ manager }: Scene, account: string): string =>
  manager.interface.encodeFunctionData("grantRole", [CURATOR, account, 0n]);

const managerAttempts: Attempts = {
  cancel: {
    prepare: async (scene) => announceAsAdmin(scene, "grantRole", [CURATOR, scene.admin.address, 0n]),
    args: async (scene) => [
      scene.admin.address,
      await scene.manager.getAddress(),
      encodeGrant(scene, scene.admin.address),
    ],
  },
  consumeScheduledOp: {
    prepare: async (scene) => announceAsAdmin(scene, "grantRole", [CURATOR, scene.admin.address, 0n]),
    args: (scene) => [scene.admin.address, encodeGrant(scene, scene.admin.address)],
  },
  "execute: an officer's function": {
    args: async ({ book }) => [await book.getAddress(), book.interface.encodeFunctionData("retire", [WETH])],
  },
  "execute: what nobody announced": {
    args: async (scene, caller) => [await scene.manager.getAddress(), encodeGrant(scene, caller.address)],
  },
  grantRole: { args: (_, caller) => [CURATOR, caller.address, 0n] },
  labelRole: { args: () => [CURATOR, "emperor"] },
  multicall: { args: (scene, caller) => [[encodeGrant(scene, caller.address)]] },
  renounceRole: { args: (_, caller) => [CURATOR, caller.address] },
  revokeRole: { args: ({ guardian }) => [GUARDIAN, guardian.address] },
  schedule: {
    args: async (scene, caller) => [await scene.manager.getAddress(), encodeGrant(scene, caller.address), 0n],
  },
  setGrantDelay: { args: () => [CURATOR, 0n] },
  setRoleAdmin: { args: () => [CURATOR, GUARDIAN] },
  setRoleGuardian: { args: () => [CURATOR, GUARDIAN] },
  setTargetAdminDelay: { args: async ({ book }) => [await book.getAddress(), 1n] },
  setTargetClosed: { args: async ({ book }) => [await book.getAddress(), true] },
  setTargetFunctionRole: {
    args: async ({ book }) => [await book.getAddress(), [book.interface.getFunction("retire").selector], CURATOR],
  },
  updateAuthority: { args: async (scene) => [await scene.book.getAddress(), await scene.usdc.getAddress()] },
};

export const ATTEMPTS: Record<ContractName, Attempts> = {
  vault: vaultAttempts,
  book: bookAttempts,
  manager: managerAttempts,
};

/** A caller's signature under an approval of the lender's shares. */
async function permitOfLendersShares({ vault, lender }: Scene, caller: HardhatEthersSigner): Promise<unknown[]> {
  const permit = await signPermit(vault, lender, caller, 1n, { signer: caller });
  const { v, r, s } = permit.signature;
  return [permit.owner, permit.spender, permit.value, permit.deadline, v, r, s];
}

/** A signature that makes somebody an operator of the borrower's loans, whoever signs. */
async function authorizationOfBorrower(
  { book, borrower }: Scene,
  signer: HardhatEthersSigner,
  operator: HardhatEthersSigner,
): Promise<unknown[]> {
  const { authorization, signature } = await sign(book, signer, await authorizationOf(book, borrower, operator));
  return [authorization, signature];
}
