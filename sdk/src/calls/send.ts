/** Sends a call, waits until it is included, and reads what came of it. */
import {
  isError,
  type Provider,
  type TransactionReceipt,
  type TransactionRequest,
  type TransactionResponse,
} from "ethers";

import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { MissingEventError } from "../errors/call-errors.ts";
import { contractErrorIn } from "../errors/contract-error.ts";
import { InvalidInputError } from "../errors/invalid-input.ts";
import { decoder } from "../state/decode.ts";
import type { BookEvents, MarketEvent, VaultEvents } from "../state/events.ts";
import type { CallRequest } from "./call-request.ts";
import type { MarketConnection } from "./connection.ts";
import { CONTRACTS } from "./contracts.ts";

/** What of a transaction can be set by hand; amounts of gas are in [gas], prices in [wei]. */
export type TransactionOverrides = Pick<
  TransactionRequest,
  "gasLimit" | "gasPrice" | "maxFeePerGas" | "maxPriorityFeePerGas" | "nonce" | "type"
>;

/** How a call is sent. */
export interface SendOptions {
  /** Is told the hash as soon as there is one, before the transaction is included. */
  readonly onSent?: (hash: string) => void;
  /** After how many blocks, its own included, a transaction counts as done; 1 by default. */
  readonly confirmations?: number;
  /** What is not left to the wallet. */
  readonly overrides?: TransactionOverrides;
}

/** A transaction that succeeded. */
export interface Done {
  /** The transaction's. */
  readonly hash: string;
  /** In which it is included. */
  readonly block: number;
  /** What vault and book emitted in it, in order. */
  readonly events: readonly MarketEvent[];
  /** As ethers gives it, with the logs of tokens too. */
  readonly receipt: TransactionReceipt;
}

/**
 * Sends a call and waits until it is included.
 *
 * @throws the contract's error, see `contractErrorIn`, if the market refuses the call before it is sent or in its block; what a wallet or a
 * node refuses is thrown as it is.
 */
export async function send(connection: MarketConnection, call: CallRequest, options: SendOptions = {}): Promise<Done> {
  const { confirmations = 1, overrides = {}, onSent } = options;
  if (!Number.isSafeInteger(confirmations) || confirmations < 1) {
    throw new InvalidInputError("confirmations", confirmations, "a whole number from 1 on");
  }
  const { addresses } = connection;
  const provider = await connection.provider();
  const signer = await connection.signer();
  // With the chain, a wallet that has switched since refuses.
  const request = { ...overrides, chainId: BigInt(addresses.chainId), to: call.to, data: call.data };
  try {
    const gasLimit = overrides.gasLimit ?? withMargin(await signer.estimateGas(request));
    const sent = await signer.sendTransaction({ ...request, gasLimit });
    onSent?.(sent.hash);
    const receipt = await included(sent, confirmations);
    return { hash: receipt.hash, block: receipt.blockNumber, events: eventsIn(receipt, addresses), receipt };
  } catch (error) {
    throw contractErrorIn(error, addresses) ?? (await refusalIn(provider, request, error, addresses)) ?? error;
  }
}

/**
 * What an event says of which there is one. A wallet may be a contract whose calls are included together with those of others, in one
 * transaction: only events with these arguments are the call's own.
 */
export function told<Name extends keyof BookEvents>(
  done: Done,
  name: Name,
  own: Partial<BookEvents[Name]>,
): BookEvents[Name] {
  return one(done, name, allTold(done, name, own));
}

/** The same, of the vault's. */
export function toldByVault<Name extends keyof VaultEvents>(
  done: Done,
  name: Name,
  own: Partial<VaultEvents[Name]>,
): VaultEvents[Name] {
  const found = done.events.filter((event) => event.contract === "vault" && event.name === name);
  const args = found.map((event) => event.args as VaultEvents[Name]);
  return one(
    done,
    name,
    args.filter((each) => has(each, own)),
  );
}

/** What each event of a name with these arguments says, in order. */
export function allTold<Name extends keyof BookEvents>(
  { events }: Pick<Done, "events">,
  name: Name,
  own: Partial<BookEvents[Name]>,
): BookEvents[Name][] {
  const found = events.filter((event) => event.contract === "book" && event.name === name);
  return found.map(({ args }) => args as BookEvents[Name]).filter((args) => has(args, own));
}

function has<Args extends object>(args: Args, own: Partial<Args>): boolean {
  return Object.entries(own).every(([field, value]) => args[field as keyof Args] === value);
}

function one<Args>({ hash }: Done, name: string, [first]: readonly Args[]): Args {
  if (first === undefined) throw new MissingEventError(name, hash);
  return first;
}

/**
 * A quarter more gas than a node found just enough. In the block that it looked at, interest may have been booked already, and who brings
 * too little for what is left is refused before a feed is read.
 */
function withMargin(estimate: bigint): bigint {
  return estimate + estimate / 4n;
}

/** A wallet may have sent the same call once more at another price; that is the transaction then. */
async function included(sent: TransactionResponse, confirmations: number): Promise<TransactionReceipt> {
  try {
    const receipt = await sent.wait(confirmations);
    if (receipt === null) throw new Error(`The node has no receipt of ${sent.hash}.`);
    return receipt;
  } catch (error) {
    if (isError(error, "TRANSACTION_REPLACED") && error.reason === "repriced") {
      return included(error.replacement, confirmations); // which may have failed: its receipt is not looked at yet
    }
    throw error;
  }
}

function eventsIn({ logs }: TransactionReceipt, { vault, book }: MarketAddresses): MarketEvent[] {
  const decode = decoder({
    vault: { address: vault, interface: CONTRACTS.vault },
    book: { address: book, interface: CONTRACTS.book },
  });
  const own = [vault, book].map((address) => address.toLowerCase());
  return logs.filter(({ address }) => own.includes(address.toLowerCase())).map(decode);
}

/** Why a transaction failed in its block: a receipt does not tell, so the call is made once more as of that block. */
async function refusalIn(
  provider: Provider,
  request: TransactionRequest,
  error: unknown,
  addresses: MarketAddresses,
): Promise<Error | undefined> {
  if (!isError(error, "CALL_EXCEPTION") || !error.receipt) return undefined;
  const { from, blockNumber: blockTag } = error.receipt;
  const again = provider.call({ to: request.to ?? null, data: request.data ?? null, from, blockTag });
  const refusal: unknown = await again.catch((caught: unknown) => caught);
  const found = contractErrorIn(refusal, addresses);
  return found === undefined ? undefined : Object.assign(found, { cause: error });
}
