import type {
  AddressLike,
  BaseContract,
  BaseContractMethod,
  BigNumberish,
  BytesLike,
  ContractRunner,
  ContractTransactionResponse,
} from "ethers";

import { ethers } from "./chain.ts";

// The test contracts have no generated typings: those are for the public contracts. These are the parts that tests use.

type Write<Arguments extends unknown[]> = BaseContractMethod<Arguments, void, ContractTransactionResponse>;
type Read<Arguments extends unknown[], Result> = BaseContractMethod<Arguments, Result, Result>;
type Mock<Methods> = { connect: (runner: ContractRunner) => Mock<Methods> } & Methods & BaseContract;

export type TestToken = Mock<{
  mint: Write<[to: AddressLike, amount: BigNumberish]>;
  approve: Write<[spender: AddressLike, amount: BigNumberish]>;
  transfer: Write<[to: AddressLike, amount: BigNumberish]>;
  balanceOf: Read<[account: AddressLike], bigint>;
}>;

export type HookToken = TestToken & Mock<{ setHooked: Write<[hooked: boolean]> }>;

export type BlockingToken = TestToken &
  Mock<{ setBlocked: Write<[account: AddressLike, blocked: boolean]>; setQuiet: Write<[quiet: boolean]> }>;

export type PausableToken = TestToken & Mock<{ setPaused: Write<[paused: boolean]> }>;

export type FeeToken = TestToken & Mock<{ setFee: Write<[fee: BigNumberish]> }>;

export type RebasingToken = TestToken & Mock<{ rebase: Write<[factor: BigNumberish]> }>;

/** Whether a token that returns a truth value tells the truth. */
export const FalseMode = { honest: 0, denies: 1, feigns: 2 } as const;

export type FalseToken = TestToken & Mock<{ setMode: Write<[mode: BigNumberish]> }>;

/** How a feed answers. */
export const FeedMode = {
  answer: 0,
  revert: 1,
  burnGas: 2,
  returnShort: 3,
  returnLong: 4,
  returnPadded: 5,
  returnRaw: 6,
  answerLate: 7,
} as const;

/** The ways of giving no answer at all. */
export const DEAD_MODES = ["revert", "burnGas", "returnShort"] as const;

export type TestFeed = Mock<{
  set: Write<[answer: BigNumberish]>;
  setAt: Write<[answer: BigNumberish, updatedAt: BigNumberish]>;
  setRound: Write<[answer: BigNumberish, startedAt: BigNumberish, updatedAt: BigNumberish]>;
  setRaw: Write<[raw: BytesLike]>;
  answer: Read<[], bigint>;
  setMode: Write<[mode: BigNumberish]>;
}>;

interface Step {
  target: AddressLike;
  data: BytesLike;
}

interface Outcome {
  success: boolean;
  result: string;
}

export type CallbackActor = Mock<{
  prepare: Write<[plan: Step[]]>;
  run: Write<[target: AddressLike, data: BytesLike]>;
  outcomes: Read<[], Outcome[]>;
  callbacks: Read<[], bigint>;
  repaidInCallback: Read<[], bigint>;
}>;

/** Deploys one of contracts/mocks/. */
export async function deployMock<Contract extends BaseContract>(name: string, ...args: unknown[]): Promise<Contract> {
  const factory = await ethers.getContractFactory<unknown[], Contract>(name);
  const deployed: BaseContract = await factory.deploy(...args);
  return deployed as Contract;
}
