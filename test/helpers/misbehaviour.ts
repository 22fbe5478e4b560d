/** Every way in which a feed can answer badly, and every odd one in which it answers well. */
import { AbiCoder, dataSlice, MaxInt256, MaxUint256, MinInt256, type BytesLike } from "ethers";

import { clock, networkHelpers } from "./chain.ts";
import { FeedMode, type TestFeed } from "./mocks.ts";

/** A feed, what it would answer if it were well, and the limits it was listed with. */
export interface Patient {
  feed: TestFeed;
  answer: bigint;
  minAnswer: bigint;
  maxAnswer: bigint;
  maxAge: bigint;
}

export interface Misbehaviour {
  name: string;
  infect: (patient: Patient) => Promise<unknown>;
  /** What it counts for where a loan is judged: its answer, or a bound. */
  counts: "answer" | "minAnswer" | "maxAnswer";
}

/** A round as a feed returns it. */
export function encodedRound(answer: bigint, startedAt: bigint, updatedAt: bigint): string {
  const types = ["uint80", "int256", "uint256", "uint256", "uint80"];
  return AbiCoder.defaultAbiCoder().encode(types, [1n, answer, startedAt, updatedAt, 1n]);
}

const returning = (bytes: (patient: Patient) => BytesLike) => async (patient: Patient) =>
  patient.feed.setRaw(bytes(patient));
const goodRound = ({ answer }: Patient): string => encodedRound(answer, clock.now(), clock.now());

/** No answer at all: whatever kind of feed it is, it is dead. */
export const SILENCES: Omit<Misbehaviour, "counts">[] = [
  { name: "reverts", infect: async ({ feed }) => feed.setMode(FeedMode.revert) },
  { name: "burns all its gas", infect: async ({ feed }) => feed.setMode(FeedMode.burnGas) },
  { name: "returns nothing", infect: returning(() => "0x") },
  { name: "returns 64 bytes", infect: returning((patient) => dataSlice(goodRound(patient), 0, 64)) },
  { name: "returns 159 bytes of a good round", infect: returning((patient) => dataSlice(goodRound(patient), 0, 159)) },
  { name: "has no code any more", infect: async ({ feed }) => networkHelpers.setCode(await feed.getAddress(), "0x") },
];

/** Not live. */
export const MISBEHAVIOURS: Misbehaviour[] = [
  ...SILENCES.map((silence) => ({ ...silence, counts: "maxAnswer" as const })),
  { name: "returns 160 bytes of 0xff", infect: returning(() => `0x${"ff".repeat(160)}`), counts: "maxAnswer" },
  { name: "returns 160 bytes of 0x7f", infect: returning(() => `0x${"7f".repeat(160)}`), counts: "maxAnswer" },
  { name: "returns 100,000 zeros", infect: async ({ feed }) => feed.setMode(FeedMode.returnLong), counts: "maxAnswer" },
  { name: "answers -1", infect: async ({ feed }) => feed.set(-1n), counts: "maxAnswer" },
  { name: "answers 0", infect: async ({ feed }) => feed.set(0n), counts: "maxAnswer" },
  { name: "answers the least integer", infect: async ({ feed }) => feed.set(MinInt256), counts: "maxAnswer" },
  { name: "answers the largest integer", infect: async ({ feed }) => feed.set(MaxInt256), counts: "maxAnswer" },
  {
    name: "answers a unit above its upper bound",
    infect: async ({ feed, maxAnswer }) => feed.set(maxAnswer + 1n),
    counts: "maxAnswer",
  },
  {
    name: "answers a unit below its lower bound",
    infect: async ({ feed, minAnswer }) => feed.set(minAnswer - 1n),
    counts: "minAnswer",
  },
  { name: "was never updated", infect: async ({ feed, answer }) => feed.setAt(answer, 0n), counts: "answer" },
  {
    name: "was updated a second from now",
    infect: async ({ feed, answer }) => feed.setAt(answer, clock.now() + 1n),
    counts: "answer",
  },
  {
    name: "was updated at the end of time",
    infect: async ({ feed, answer }) => feed.setAt(answer, MaxUint256),
    counts: "answer",
  },
  {
    name: "is a second too old",
    infect: async ({ feed, answer, maxAge }) => feed.setAt(answer, clock.now() - maxAge - 1n),
    counts: "answer",
  },
];

/** Live, as odd as it looks. */
export const ODDITIES: Omit<Misbehaviour, "counts">[] = [
  { name: "returns 160 bytes exactly", infect: returning(goodRound) },
  {
    name: "returns its round and 100,000 bytes more",
    infect: async ({ feed, answer }: Patient): Promise<void> => {
      await feed.set(answer);
      await feed.setMode(FeedMode.returnPadded);
    },
  },
  {
    name: "answers when nearly all its gas is gone",
    infect: async ({ feed, answer }: Patient): Promise<void> => {
      await feed.set(answer);
      await feed.setMode(FeedMode.answerLate);
    },
  },
  {
    name: "is as old as it may be",
    infect: async ({ feed, answer, maxAge }) => feed.setAt(answer, clock.now() - maxAge),
  },
  {
    name: "started at the end of time",
    infect: async ({ feed, answer }) => feed.setRound(answer, MaxUint256, clock.now()),
  },
  { name: "never started", infect: async ({ feed, answer }) => feed.setRound(answer, 0n, clock.now()) },
];
