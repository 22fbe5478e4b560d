/** Attempts to mislead a wallet or keeper that uses the SDK's calls: about what its transaction did, about its chain, about its orders. */
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { BrowserProvider, makeError, toQuantity, type TransactionRequest, type TransactionResponse } from "ethers";

import {
  callMargin,
  close,
  connect,
  lend,
  liquidate,
  open,
  pledge,
  readMarket,
  repay,
  type Requests,
} from "../../sdk/src/calls/index.ts";
import { MissingEventError, WrongChainError } from "../../sdk/src/errors/index.ts";
import { clock, DAY, ethers, HOUR } from "../helpers/chain.ts";
import { dollars, loanId, openLoan, standardMarket, usdc, waitWithLiveFeeds, WETH, weth } from "../helpers/market.ts";
import { callsScene, thrownBy } from "./calls-scene.ts";

const TEN = [{ listing: 0, amount: weth("10") }];

/** A wallet of an account, whose answers are changed on their way. */
function walletOf(
  { address }: HardhatEthersSigner,
  change: (method: string, answer: unknown) => unknown = (_, answer) => answer,
): Requests {
  return {
    request: async ({ method, params }: { method: string; params?: unknown[] }): Promise<unknown> => {
      if (method === "eth_requestAccounts" || method === "eth_accounts") return [address];
      return change(method, await ethers.provider.send(method, params ?? []));
    },
  };
}

interface RawReceipt {
  readonly logs: readonly unknown[];
}

/** A wallet whose calls are included after those of another, in the same transactions, as bundlers of smart accounts do (ERC-4337). */
async function bundledAfter(account: HardhatEthersSigner, others: readonly { hash: string }[]): Promise<Requests> {
  const foreign: unknown[] = [];
  for (const { hash } of others) {
    const receipt = (await ethers.provider.send("eth_getTransactionReceipt", [hash])) as RawReceipt;
    foreign.push(...receipt.logs);
  }
  return walletOf(account, (method, answer) => {
    if (method !== "eth_getTransactionReceipt" || answer === null) return answer;
    const receipt = answer as RawReceipt;
    return { ...receipt, logs: [...foreign, ...receipt.logs] };
  });
}

async function twoLoans(): ReturnType<typeof standardMarket> {
  const market = await standardMarket();
  for (const [number, amount] of [usdc("15,000"), usdc("14,900")].entries()) {
    await openLoan(market, { pledges: [[WETH, weth("10")]], amount, number: BigInt(number) });
  }
  return market;
}

describe("SDK: what another does in the same transaction", () => {
  it("is not told as the sender's own: neither another's loan, nor its amounts", async () => {
    const { market, addresses, as } = await callsScene();
    const { book, vault, borrower, keeper } = market;
    const theirs = await open(as(keeper), { number: 0n, pledges: TEN, amount: usdc("5,000") });
    const paid = await repay(as(keeper), { id: theirs.id, amount: usdc("111") });
    for (const lender of [borrower, keeper]) await market.usdc.connect(lender).approve(vault, usdc("1,000"));
    const lent = await lend(as(keeper), { amount: usdc("777") });
    const connection = connect(addresses, await bundledAfter(borrower, [theirs, paid, lent]));

    const own = await open(connection, { number: 7n, pledges: TEN, amount: usdc("6,000") });
    expect([own.id, own.borrowed]).to.deep.equal([loanId(borrower, 7n), usdc("6,000")]);
    expect((await repay(connection, { id: own.id, amount: usdc("222") })).repaid).to.equal(usdc("222"));
    // Of the same loan too, which others may repay and pledge to.
    const helped = await repay(as(keeper), { id: own.id, amount: usdc("33") });
    const added = await pledge(as(keeper), { id: own.id, listing: 0, amount: weth("0.5") });
    const beside = connect(addresses, await bundledAfter(borrower, [helped, added]));
    expect((await repay(beside, { id: own.id, amount: usdc("44") })).repaid).to.equal(usdc("44"));
    expect((await pledge(beside, { id: own.id, listing: 0, amount: weth("1") })).pledged).to.equal(weth("1"));
    const before = await vault.balanceOf(borrower);
    const { assets, shares } = await lend(connection, { amount: usdc("10") });
    expect([assets, shares]).to.deep.equal([usdc("10"), (await vault.balanceOf(borrower)) - before]);

    const debt = await book.debtOf(own.id);
    const closed = await close(connection, { id: own.id, maxAmount: "all" });
    expect(closed.repaid).to.be.within(debt, debt + 1n);
    expect(closed.released).to.deep.equal(new Map([[0, weth("11.5")]]));
    // Its own event left out by the node, another's does not stand for it.
    const silent = walletOf(borrower, (method, answer) => {
      return method === "eth_getTransactionReceipt" ? { ...(answer as RawReceipt), logs: [] } : answer;
    });
    const order = { number: 8n, pledges: TEN, amount: usdc("6,000") };
    expect(await thrownBy(open(connect(addresses, silent), order))).to.be.instanceOf(MissingEventError);
  });

  it("is no margin call and no sale of the keeper's", async () => {
    const { market, addresses, as } = await callsScene(twoLoans);
    const { borrower, keeper, stranger, feeds, weth: ether, usdc: token } = market;
    const [first, second] = [loanId(borrower, 0n), loanId(borrower, 1n)];
    await feeds.weth.set(dollars("1,850"));
    const theirs = await callMargin(as(stranger), { id: first });
    const caller = connect(addresses, await bundledAfter(keeper, [theirs]));
    const { deadlines } = await callMargin(caller, { ids: [first, second] });
    expect(deadlines).to.deep.equal(new Map([[second, clock.now() + DAY]]));

    await waitWithLiveFeeds(market, DAY + 2n * HOUR);
    const part = { listing: 0, maxRepay: usdc("200"), minSeized: 0n };
    await token.connect(stranger).approve(market.book, usdc("200"));
    await token.connect(keeper).transfer(stranger, usdc("200"));
    const sold = await liquidate(as(stranger), { id: first, ...part });
    const seller = connect(addresses, await bundledAfter(keeper, [sold]));
    const [ethers0, dollars0] = [await ether.balanceOf(keeper), await token.balanceOf(keeper)];
    const credits0 = await market.book.creditOf(stranger, WETH);
    const orders = [first, first].map((id) => ({ id, ...part }));
    const { fills, repaid } = await liquidate(seller, { orders });
    expect(fills.map(({ id }) => id)).to.deep.equal([first, first]);
    expect(repaid).to.equal(dollars0 - (await token.balanceOf(keeper)));
    // One loan sold twice in a batch: each sale has its own credit, and both together are what moved.
    const sum = (of: "seized" | "credit"): bigint => fills.reduce((total, fill) => total + fill[of], 0n);
    expect(sum("seized")).to.equal((await ether.balanceOf(keeper)) - ethers0);
    expect(sum("credit")).to.equal((await market.book.creditOf(stranger, WETH)) - credits0);
    expect(sum("credit")).to.be.above(0n);
  });
});

describe("SDK: transactions that wallets changed", () => {
  it("have failed if what they were repriced to has", async () => {
    const { market, addresses } = await callsScene();
    const { borrower } = market;
    const base = await new BrowserProvider(walletOf(borrower), 31337, { cacheTimeout: -1 }).getSigner();
    const repriced = async (request: TransactionRequest): Promise<Partial<TransactionResponse>> => {
      await ethers.provider.send("evm_setAutomine", [false]);
      const replacement = await base.sendTransaction(request);
      await ethers.provider.send("evm_mine", []);
      await ethers.provider.send("evm_setAutomine", [true]);
      const receipt: unknown = await ethers.provider.send("eth_getTransactionReceipt", [replacement.hash]);
      const told = { reason: "repriced", cancelled: false, hash: replacement.hash, replacement, receipt } as never;
      return {
        hash: replacement.hash,
        wait: () => {
          throw makeError("transaction was replaced", "TRANSACTION_REPLACED", told);
        },
      };
    };
    const own = { sendTransaction: repriced };
    const signer = new Proxy(base, {
      get: (target, name): unknown => {
        const value: unknown = name === "sendTransaction" ? own.sendTransaction : Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    const id = loanId(borrower, 9n);
    const options = { overrides: { gasLimit: 1_000_000n } };
    const refusal = await thrownBy(close(connect(addresses, signer), { id, maxAmount: "all" }, options));
    expect(refusal).to.include({ name: "NoLoan" }).and.have.deep.property("args", { id });
    const order = { number: 9n, pledges: TEN, amount: usdc("6,000") };
    expect((await open(connect(addresses, signer), order)).id).to.equal(id);
  });

  it("are not sent on the chain that a wallet has switched to, and are again when it is back", async () => {
    const { market, addresses } = await callsScene();
    const { borrower } = market;
    let chainId = 5;
    const sent: unknown[] = [];
    const wallet = walletOf(borrower, (method, answer) => {
      if (method === "eth_sendTransaction") sent.push(answer);
      return method === "eth_chainId" || method === "net_version" ? toQuantity(chainId) : answer;
    });
    const connection = connect(addresses, wallet);
    const order = { number: 0n, pledges: TEN, amount: usdc("6,000") };
    const refused = async (): Promise<void> => {
      for (const attempt of [readMarket(connection), open(connection, order)]) {
        expect(await thrownBy(attempt))
          .to.be.instanceOf(WrongChainError)
          .and.include({ expected: 31337n, actual: 5n });
      }
    };
    await refused();
    chainId = 31337;
    const before = await readMarket(connection);
    chainId = 5;
    await refused();
    expect(sent).to.have.lengthOf(0);
    chainId = 31337;
    await open(connection, order);
    expect((await readMarket(connection)).vault.cash).to.equal(before.vault.cash - usdc("6,000"));
    expect(sent).to.have.lengthOf(1);
  });
});
