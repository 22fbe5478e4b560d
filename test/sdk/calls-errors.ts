/** What the SDK throws when a call cannot be made: the contract's error, or what a wallet or node said, as it is. */
import { expect } from "chai";
import { id as hashOf, isError, MaxUint256, ZeroHash } from "ethers";

import {
  authoriseCall,
  borrow,
  borrowCall,
  bundle,
  callMarginCall,
  claimCreditCall,
  closeCall,
  connect,
  lend,
  lendCall,
  liquidateCall,
  open,
  openCall,
  permitCall,
  pledgeCall,
  refinanceCall,
  releaseCall,
  repay,
  repayCall,
  send,
  withdrawCall,
  type CallRequest,
} from "../../sdk/src/calls/index.ts";
import { approveCall } from "../../sdk/src/calls/approve.ts";
import { ContractErrorOf, InvalidInputError, MissingEventError } from "../../sdk/src/errors/index.ts";
import { ethers } from "../helpers/chain.ts";
import { loanId, openLoan, usdc, WETH, weth } from "../helpers/market.ts";
import { callsScene, thrownBy } from "./calls-scene.ts";

const TEN = [{ listing: 0, amount: weth("10") }];
const gas = { gasLimit: 3_000_000n };

describe("SDK: errors of calls", () => {
  it("are the contract's, with the market's tokens in the sentence, before anything is sent", async () => {
    const { market, addresses, as } = await callsScene();
    const { borrower, stranger, usdc: token, book } = market;
    const blocks = await ethers.provider.getBlockNumber();

    const above = await thrownBy(open(as(borrower), { number: 0n, pledges: TEN, amount: usdc("15,600.000001") }));
    expect(above).to.be.instanceOf(ContractErrorOf).and.include({ name: "AboveBorrowLimit" });
    expect(above).to.have.deep.property("args", { debt: usdc("15,600.000001"), borrowLimit: usdc("15,600") });
    expect((above as Error).message).to.match(/15600\.000001 USDC .* 15600 USDC/);
    expect((above as Error).cause).not.to.equal(undefined);
    expect(await ethers.provider.getBlockNumber()).to.equal(blocks);

    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
    const foreign = await thrownBy(borrow(as(stranger), { id, amount: usdc("1") }));
    expect(foreign).to.include({ name: "NotOwnerOrOperator" });
    expect(foreign).to.have.deep.property("args", { id, caller: stranger.address });

    await token.connect(stranger).approve(book, usdc("5"));
    const short = await thrownBy(repay(as(stranger), { id, amount: usdc("6") }));
    expect(short).to.include({ name: "ERC20InsufficientAllowance" });
    expect(short).to.have.deep.property("args", { spender: addresses.book, allowance: usdc("5"), needed: usdc("6") });
  });

  it("are the contract's too when a transaction fails in its block", async () => {
    const { market, as } = await callsScene();
    const { borrower } = market;
    await ethers.provider.send("evm_setAutomine", [false]);
    try {
      const hashes: string[] = [];
      const order = { number: 0n, pledges: TEN, amount: usdc("10,000") };
      const options = { overrides: gas, onSent: (hash: string) => hashes.push(hash) };
      const first = open(as(borrower), order, options);
      const second = thrownBy(open(as(borrower), order, options));
      while (hashes.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
      await ethers.provider.send("evm_mine", []);
      const { id, receipt } = await first;
      expect(await second).to.include({ name: "LoanExists" });
      expect(await second).to.have.deep.property("args", { id });
      expect(isError(((await second) as Error).cause, "CALL_EXCEPTION")).to.equal(true);
      expect(hashes).to.include(receipt.hash);
    } finally {
      await ethers.provider.send("evm_setAutomine", [true]);
    }
  });

  it("stay as they are where a wallet refuses", async () => {
    const { market, addresses } = await callsScene();
    const wallet = {
      request: async ({ method, params }: { method: string; params?: unknown[] }): Promise<unknown> => {
        if (method === "eth_requestAccounts" || method === "eth_accounts") return [market.borrower.address];
        if (method === "eth_sendTransaction") {
          throw Object.assign(new Error("User rejected the request."), { code: 4001 });
        }
        return ethers.provider.send(method, params ?? []);
      },
    };
    const connection = connect(addresses, wallet);
    const refusal = await thrownBy(open(connection, { number: 0n, pledges: TEN, amount: usdc("10,000") }));
    expect(isError(refusal, "ACTION_REJECTED")).to.equal(true);
    // The contract's refusal comes first: the wallet is not even asked.
    const above = await thrownBy(open(connection, { number: 0n, pledges: TEN, amount: usdc("15,601") }));
    expect(above).to.include({ name: "AboveBorrowLimit" });
  });

  it("say so where a receipt lacks the event, since it was not the market that was called", async () => {
    const { market, addresses, as } = await callsScene();
    const { deployer, borrower } = market;
    const silent = await (await ethers.deployContract("PlainToken", ["Plain", "P", 6])).getAddress();
    const code = "0x00"; // a contract that stops at once
    await ethers.provider.send("hardhat_setCode", [silent, code]);
    const elsewhere = connect({ ...addresses, vault: silent }, deployer);
    expect(await thrownBy(lend(elsewhere, { amount: 1n })))
      .to.be.instanceOf(MissingEventError)
      .and.include({ event: "Deposit" });
    const wrong = await thrownBy(
      send(as(borrower), borrowCall(addresses, { id: loanId(borrower), amount: 1n }), { confirmations: 0 }),
    );
    expect(wrong).to.be.instanceOf(InvalidInputError).and.include({ field: "confirmations" });
  });

  it("are thrown for input that no call could have, before anything is asked", async () => {
    const { market, addresses } = await callsScene();
    const { borrower, keeper } = market;
    const me = borrower.address;
    const id = loanId(borrower, 1n);
    const order = { number: 1n, pledges: TEN, amount: 1n };
    const refinancing = { id, amount: 0n, maxFee: 0n, addFee: false };
    const liquidation = { id, listing: 0, maxRepay: 1n, minSeized: 0n };
    const authorization = { owner: me, operator: keeper.address, isAuthorized: true, nonce: 0n, deadline: 1n };
    const permit = {
      owner: me,
      token: me,
      spender: keeper.address,
      value: 1n,
      nonce: 0n,
      deadline: 1n,
      v: 27,
      r: ZeroHash,
      s: ZeroHash,
    };
    const approval = { token: me, spender: keeper.address, amount: 1n };
    const text = "true" as unknown as boolean; // eslint-disable-line no-restricted-syntax -- as a caller without types brings it
    const wrong: [field: string, build: () => CallRequest][] = [
      ["amount", () => lendCall(addresses, { amount: 0n }, me)],
      ["amount", () => lendCall(addresses, { amount: 2n ** 104n }, me)],
      ["receiver", () => lendCall(addresses, { amount: 1n, receiver: "me" }, me)],
      ["amount", () => withdrawCall(addresses, { amount: -1n }, me)],
      ["shares", () => withdrawCall(addresses, { shares: 0n }, me)],
      ["owner", () => withdrawCall(addresses, { shares: 1n, owner: "" }, me)],
      ["number", () => openCall(addresses, { ...order, number: 2n ** 96n }, me)],
      ["pledges", () => openCall(addresses, { ...order, pledges: [] }, me)],
      ["amount", () => openCall(addresses, { ...order, amount: 0n }, me)],
      ["owner", () => openCall(addresses, order, "0x")],
      ["listing", () => openCall(addresses, { ...order, pledges: [{ listing: 3, amount: 1n }] }, me)],
      ["amount", () => openCall(addresses, { ...order, pledges: [{ listing: 0, amount: 0n }] }, me)],
      ["duration", () => openCall(addresses, { ...order, term: { duration: -1n, maxRate: 0n } }, me)],
      ["maxRate", () => openCall(addresses, { ...order, term: { duration: 1n, maxRate: MaxUint256 + 1n } }, me)],
      ["listing", () => pledgeCall(addresses, { id, listing: 0.5, amount: 1n })],
      ["id", () => pledgeCall(addresses, { id: 1n, listing: 0, amount: 1n })],
      ["listing", () => releaseCall(addresses, { id, listing: 40, amount: "all" })],
      ["amount", () => releaseCall(addresses, { id, listing: 0, amount: 0n })],
      ["id", () => borrowCall(addresses, { id: -1n, amount: 1n })],
      ["amount", () => repayCall(addresses, { id, amount: 0n })],
      ["maxAmount", () => closeCall(addresses, { id, maxAmount: -1n })],
      ["receiver", () => closeCall(addresses, { id, maxAmount: 1n, receiver: "0x00" })],
      ["addFee", () => refinanceCall(addresses, { ...refinancing, addFee: text })],
      ["maxFee", () => refinanceCall(addresses, { ...refinancing, maxFee: -1n })],
      ["amount", () => refinanceCall(addresses, { ...refinancing, amount: -1n })],
      ["operator", () => authoriseCall(addresses, { operator: "", isAuthorized: true })],
      ["isAuthorized", () => authoriseCall(addresses, { operator: me, isAuthorized: text })],
      ["nonce", () => authoriseCall(addresses, { authorization: { ...authorization, nonce: -1n }, signature: "0x" })],
      ["ids", () => callMarginCall(addresses, { ids: [] })],
      ["ids", () => callMarginCall(addresses, { ids: [id, 5n] })],
      ["listing", () => claimCreditCall(addresses, { listing: -1 }, me)],
      ["orders", () => liquidateCall(addresses, { orders: [] })],
      ["maxRepay", () => liquidateCall(addresses, { ...liquidation, maxRepay: -1n })],
      ["data", () => liquidateCall(addresses, { ...liquidation, data: "0x123" })],
      ["spender", () => permitCall(addresses, permit)],
      ["calls", () => bundle(addresses, [])],
      ["calls", () => bundle(addresses, [lendCall(addresses, { amount: 1n }, me)])],
      ["token", () => approveCall({ ...approval, token: hashOf("token") })],
      ["spender", () => approveCall({ ...approval, spender: "" })],
      ["amount", () => approveCall({ ...approval, amount: 2n ** 256n })],
    ];
    for (const [place, [field, build]] of wrong.entries()) {
      expect(build, `${place}: ${field}`).to.throw(InvalidInputError).with.property("field", field);
    }
  });
});
