/** A market in which everything stands that can be called, and a party that is called back in the middle of it. */
import { MaxUint256, ZeroHash } from "ethers";

import { deployActor, encode } from "./actor.ts";
import { signAuthorization } from "./authorizations.ts";
import { DAY } from "./chain.ts";
import {
  deployMarket,
  dollars,
  loanId,
  openLoan,
  usdc,
  waitWithLiveFeeds,
  WBTC,
  wbtc,
  WETH,
  weth,
  type Market,
} from "./market.ts";
import type { CallbackActor, HookToken } from "./mocks.ts";

type Target = "vault" | "book";

export interface Call {
  target: Target;
  name: string;
  args: unknown[];
}

export interface Scene extends Market {
  actor: CallbackActor;
  self: string;
  /** All that there are; the last is the bystander's. */
  loans: bigint[];
  /** Calls in which the actor is called back: by the token, by the vault that lends, or by the book that sells. */
  outer: Call[];
  /** A call of every function that changes anything; but for a few, each does something where it stands alone. */
  inner: Call[];
}

/** Ids of the loans in which the actor has a hand. */
interface Loans {
  own: bigint;
  /** Fixed-term: in the middle of its term, and past its end. */
  standing: bigint;
  matured: bigint;
  /** Called by the actor, and back at its borrow limit. */
  cured: bigint;
  /** Of another: above its liquidation line. */
  victim: bigint;
  /** Of another: called by the actor, and liquidated, so that the actor has a credit. */
  sold: bigint;
}

const MONTH = { duration: 30n * DAY, maxRate: MaxUint256 };

/**
 * The actor is lender, borrower, monitor and liquidator at once; others have as much at stake. Ether stands at 1,750. `hooked`
 * calls the actor back when it moves.
 */
export async function reentrancyScene(hooked: "usdc" | "weth"): Promise<Scene> {
  const market = await deployMarket({ contracts: { [hooked]: "HookToken" } });
  const actor = await deployActor(market);
  const self = await actor.getAddress();
  await market.usdc.mint(actor, usdc("200,000"));
  await market.weth.mint(actor, weth("100"));
  await market.wbtc.mint(actor, wbtc("10"));
  const { stranger } = market;
  const bystander = await openLoan(market, { pledges: [[WETH, weth("100")]], amount: usdc("50,000"), owner: stranger });
  const loans = await openLoans(market, actor, self);
  const token = market[hooked] as HookToken;
  await actor.run(token, encode(token, "setHooked", [true]));

  const { outer, inner } = await callsOf(market, self, loans, hooked);
  const opened = [2n, 3n, 4n].map((number) => loanId(self, number)); // by some of the calls
  return {
    ...market,
    actor,
    self,
    loans: [...Object.values<bigint>({ ...loans }), ...opened, bystander],
    outer,
    inner,
  };
}

async function openLoans(market: Market, actor: CallbackActor, self: string): Promise<Loans> {
  const { book, vault, feeds, keeper } = market;
  const [own, standing, matured, cured] = [loanId(self), loanId(self, 5n), loanId(self, 6n), loanId(self, 7n)];
  const ether = (amount: string) => [{ listing: WETH, amount: weth(amount) }];
  const victim = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,351") });
  const sold = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("15,351"), number: 2n });
  const both = [...ether("10"), { listing: WBTC, amount: wbtc("1") }];
  await actor.run(book, encode(book, "open", [own, both, usdc("20,000"), self]));
  await actor.run(vault, encode(vault, "deposit", [usdc("50,000"), self]));
  await waitWithLiveFeeds(market, DAY); // a new market sells no terms
  const week = { ...MONTH, duration: 7n * DAY };
  await actor.run(book, encode(book, "openTerm", [matured, ether("3"), usdc("3,000"), week, self]));
  await waitWithLiveFeeds(market, week.duration);
  await actor.run(book, encode(book, "openTerm", [standing, ether("3"), usdc("3,000"), MONTH, self]));
  await actor.run(book, encode(book, "open", [cured, ether("1"), usdc("1,300"), self]));

  await feeds.weth.set(dollars("1,500"));
  await actor.run(book, encode(book, "callMargin", [cured]));
  await feeds.weth.set(dollars("1,750"));
  await actor.run(book, encode(book, "callMargin", [sold]));
  await waitWithLiveFeeds(market, 600n); // until the call earns a credit
  await book.connect(keeper).liquidate({ id: sold, listing: WETH, maxRepay: usdc("1,750"), minSeized: 0n }, "0x");
  return { own, standing, matured, cured, victim, sold };
}

async function callsOf(market: Market, self: string, loans: Loans, hooked: "usdc" | "weth") {
  const { book, lender, stranger } = market;
  const { own, standing, matured, cured, victim } = loans;
  const asset = await market.usdc.getAddress();
  const token = await market[hooked].getAddress();
  const of =
    (target: Target) =>
    (name: string, args: unknown[]): Call => ({ target, name, args });
  const [toVault, toBook] = [of("vault"), of("book")];

  const more = [{ listing: WETH, amount: weth("5") }];
  const open = (id: bigint): Call => toBook("open", [id, more, usdc("2,000"), self]);
  const openTerm = (id: bigint): Call => toBook("openTerm", [id, more, usdc("2,000"), MONTH, self]);
  const close = toBook("close", [own, MaxUint256, self]);
  const claim = toBook("claimCredit", [WETH, self]);
  const order = { id: victim, listing: WETH, maxRepay: usdc("4,000"), minSeized: 0n };
  const terms = { term: MONTH, amount: usdc("4,000"), maxFee: MaxUint256, addFee: false, receiver: self };
  const ended = { ...terms, term: { duration: 0n, maxRate: 0n }, amount: 0n };
  const flashLoan = toVault("flashLoan", [self, asset, usdc("100,000"), "0x"]);
  const lending = [
    toVault("deposit", [usdc("3,000"), self]),
    toVault("mint", [usdc("2,000") * 10n ** 6n, self]),
    toVault("withdraw", [usdc("30,000"), self, self]),
    toVault("redeem", [usdc("40,000") * 10n ** 6n, self, self]),
    flashLoan,
  ];
  const borrowing = [
    toBook("borrow", [own, usdc("30,000"), self]),
    toBook("repay", [own, usdc("5,000")]),
    toBook("repay", [standing, usdc("1,000")]), // with a fee
    toBook("refinance", [own, terms]), // which draws
    toBook("refinance", [standing, ended]), // for which a fee is pulled
  ];
  const pledging = [toBook("pledge", [own, WETH, weth("3")]), toBook("release", [own, WETH, weth("7"), self])];
  const liquidating = [
    toBook("liquidate", [order, "0x"]),
    toBook("liquidateBatch", [[order, { ...order, maxRepay: MaxUint256 }], "0x"]),
  ];
  const outer = [
    ...(hooked === "usdc" ? [...lending, ...borrowing] : [...pledging, claim, flashLoan]), // which calls back by itself
    ...[close, open(loanId(self, 2n)), openTerm(loanId(self, 2n)), ...liquidating],
    toBook("liquidate", [order, "0x01"]), // with the callback between the transfers
  ];
  const { authorization, signature } = await signAuthorization(book, lender, self);
  const bad = [27, ZeroHash, ZeroHash]; // v, r and s
  const inside = [
    encode(book, "release", [own, WETH, weth("1"), self]),
    encode(book, "borrow", [own, usdc("1,000"), self]),
  ];
  const inner = [
    ...[...lending, ...borrowing, ...pledging, ...liquidating, claim, close],
    ...[open(own), open(loanId(self, 3n)), openTerm(loanId(self, 4n))],
    toBook("roll", [matured]),
    toBook("callMargin", [victim]),
    toBook("callMarginBatch", [[own, victim]]),
    toBook("clearMarginCall", [cured]),
    toBook("writeOff", [victim]),
    toBook("setAuthorization", [stranger.address, true]),
    toBook("setAuthorizationWithSig", [authorization, signature]),
    toBook("revokeSignatures", []),
    toBook("permit", [token, 1n, MaxUint256, ...bad]),
    toBook("multicall", [inside]),
    toVault("accrue", []),
    toVault("approve", [stranger.address, 1n]),
    toVault("transfer", [self, usdc("1") * 10n ** 6n]),
    toVault("transferFrom", [stranger.address, self, 1n]),
    toVault("permit", [self, stranger.address, 1n, MaxUint256, ...bad]),
  ];
  return { outer, inner };
}
