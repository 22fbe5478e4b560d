/** A book's liquidation library asked alone, at the same state, beside the book that fills plain orders itself. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { AbiCoder, concat, dataSlice, id as hashOf, type BaseContract, type TransactionReceipt } from "ethers";
import { artifacts } from "hardhat";

import { ethers, networkHelpers } from "./chain.ts";
import { rootsOf } from "./contract-state.ts";
import type { LenderVault, LoanBook } from "./contracts.ts";

export interface Order {
  id: bigint;
  listing: bigint;
  maxRepay: bigint;
  minSeized: bigint;
}

/** What a twin is made of: a book, who liquidates, and the contracts whose storage is compared. */
export interface TwinOf {
  vault: LenderVault;
  book: LoanBook;
  keeper: HardhatEthersSigner;
  contracts: BaseContract[];
}

export interface Twin extends TwinOf {
  address: string;
  library: string;
  /** Code that hands every call on to the library, in the name of whoever has the code. */
  forwarder: string;
  frame: [vault: string, loanAsset: string, minDebt: bigint, peg: bigint];
}

/** How a call ended: what was paid and seized, or the encoded error. */
export interface Outcome {
  repaid: bigint;
  seized: bigint;
  refusal: string;
}

/** Where a book's ledger is, see test/integration/storage-layout.ts. */
const LEDGER_SLOT = 2n;
const FRAME = "tuple(address,address,uint256,uint256)";
const ORDER = "tuple(uint256,uint256,uint256,uint256)";
/** How a library's functions are told apart: by the names of the types. */
const LIQUIDATE = dataSlice(hashOf("liquidate(Ledger storage,BookFrame,ILoanBook.Order,bytes)"), 0, 4);
const coder = AbiCoder.defaultAbiCoder();

export async function twinOf(of: TwinOf): Promise<Twin> {
  const { vault, book } = of;
  const address = await book.getAddress();
  const library = await libraryOf(book);
  const forwarder = concat(["0x365f5f375f5f365f73", library, "0x5af43d5f5f3e6029573d5ffd5b3d5ff3"]);
  const [vaultAddress, asset] = [await vault.getAddress(), await book.LOAN_ASSET()];
  return { ...of, address, library, forwarder, frame: [vaultAddress, asset, await book.MIN_DEBT(), await book.PEG()] };
}

async function libraryOf(book: LoanBook): Promise<string> {
  const { deployedLinkReferences } = await artifacts.readArtifact("LoanBook");
  const references = Object.values(deployedLinkReferences).flatMap((file) => file.LiquidationLogic ?? []);
  const [reference] = references;
  if (reference === undefined) throw new Error("The book is not linked to the library.");
  const code = await ethers.provider.getCode(book);
  return dataSlice(code, reference.start, reference.start + reference.length);
}

/** The bytes of a call of the library's `liquidate`. */
export function libraryCall({ frame }: Twin, { id, listing, maxRepay, minSeized }: Order, data = "0x"): string {
  const values = [LEDGER_SLOT, frame, [id, listing, maxRepay, minSeized], data];
  return concat([LIQUIDATE, coder.encode(["uint256", FRAME, ORDER, "bytes"], values)]);
}

export function bookCall({ book }: Twin, order: Order, data = "0x"): string {
  return book.interface.encodeFunctionData("liquidate", [order, data]);
}

/** How an order would end in the book, in the library alone, and in a book that has no library: nothing if it needs one. */
export async function outcomesOf(
  twin: Twin,
  order: Order,
): Promise<{ book: Outcome; library: Outcome; plain: Outcome | undefined }> {
  const { address, library, forwarder } = twin;
  const own = bookCall(twin, order);
  const [book, alone, plain] = await Promise.all([
    outcomeOf(twin, own, {}),
    outcomeOf(twin, libraryCall(twin, order), { [address]: { code: forwarder } }),
    outcomeOf(twin, own, { [library]: { code: "0x5f5ffd" } }),
  ]);
  return { book, library: alone, plain: plain.refusal === "" ? plain : undefined };
}

async function outcomeOf(
  { address, keeper }: Twin,
  data: string,
  overrides: Record<string, { code: string }>,
): Promise<Outcome> {
  const call = { from: keeper.address, to: address, data, gas: "0xf42400" };
  try {
    const result: unknown = await ethers.provider.send("eth_call", [call, "latest", overrides]);
    if (typeof result !== "string" || result.length !== 130) throw new TypeError(`No two words: ${String(result)}`);
    return { repaid: BigInt(dataSlice(result, 0, 32)), seized: BigInt(dataSlice(result, 32)), refusal: "" };
  } catch (error) {
    return { repaid: 0n, seized: 0n, refusal: errorData(error) };
  }
}

/** The bytes that a call reverted with. */
function errorData(error: unknown): string {
  const data: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "data") : undefined;
  if (typeof data === "string") return data;
  const inner: unknown = typeof data === "object" && data !== null ? Reflect.get(data, "data") : undefined;
  if (typeof inner !== "string") throw error;
  return inner;
}

/** What a transaction leaves: every event with its place, every storage's root. */
export interface Trace {
  logs: string[];
  roots: string[];
}

/** Sends `act`, looks at what it left, and takes it back. */
export async function traceOf({ contracts }: TwinOf, act: () => Promise<TransactionReceipt | null>): Promise<Trace> {
  const snapshot = await networkHelpers.takeSnapshot();
  const receipt = await act();
  if (receipt === null) throw new Error("The transaction was not mined.");
  const logs = receipt.logs.map(({ address, topics, data }) => [address, ...topics, data].join());
  const roots = await rootsOf(contracts);
  await snapshot.restore();
  return { logs, roots };
}

/** What an order leaves if the book fills it, if the library does, and in a batch of one. */
export async function tracesOf(twin: Twin, order: Order): Promise<{ book: Trace; library: Trace; batch: Trace }> {
  const { address, book, keeper, forwarder } = twin;
  const send = async (data: string): Promise<TransactionReceipt | null> => {
    const sent = await keeper.sendTransaction({ to: address, data, gasLimit: 16_000_000n });
    return sent.wait();
  };
  const code = await ethers.provider.getCode(address);
  const own = await traceOf(twin, async () => send(bookCall(twin, order)));
  const library = await traceOf(twin, async () => {
    await networkHelpers.setCode(address, forwarder);
    return send(libraryCall(twin, order));
  });
  if ((await ethers.provider.getCode(address)) !== code) throw new Error("The book did not get its code back.");
  const batch = await traceOf(twin, async () =>
    send(book.interface.encodeFunctionData("liquidateBatch", [[order], "0x"])),
  );
  return { book: own, library, batch };
}
