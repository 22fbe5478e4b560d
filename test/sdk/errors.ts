import { expect } from "chai";
import { AbiCoder, Contract, Interface, makeError, type ErrorFragment, type ParamType } from "ethers";
import hre from "hardhat";

import { readArtifacts } from "../../scripts/checks/artifacts.ts";
import { ROOT } from "../../scripts/checks/root.ts";
import { contractErrorsAbi } from "../../sdk/src/abi/index.ts";
import {
  contractErrorIn,
  ContractErrorOf,
  decodeRevert,
  InvalidInputError,
  UnknownRevertError,
} from "../../sdk/src/errors/index.ts";
import { networkHelpers } from "../helpers/chain.ts";
import { loanId, openLoan, standardMarket, usdc, WETH, weth } from "../helpers/market.ts";

const known = new Interface(contractErrorsAbi);

const LABELS = {
  loanAsset: { symbol: "USDC", decimals: 6 },
  listings: [
    { symbol: "WETH", decimals: 18 },
    { symbol: "WBTC", decimals: 8 },
  ],
};

describe("SDK: errors", () => {
  it("has a sentence for every error of every contract, with each of its figures", async () => {
    const errors = await errorsOfContracts();
    expect(errors.length).to.be.greaterThan(100);
    for (const error of errors) {
      const data = (change?: number): string =>
        known.encodeErrorResult(
          error.name,
          error.inputs.map((input, i) => sample(input, i + (i === change ? 50 : 1))),
        );
      const sentence = sentenceOf(data());
      expect(sentence, error.name).to.match(/^\S.+[.]$/);
      expect(sentence, error.name).not.to.match(/undefined|object|NaN|\.\.| {2}/);
      error.inputs.forEach((input, i) => {
        expect(sentenceOf(data(i)), `${error.name}.${input.name}`).not.to.equal(sentence);
      });
    }
  });

  it("decodes name and figures as the contract gave them", () => {
    const data = known.encodeErrorResult("AboveBorrowLimit", [15_000_250_000n, 12_345_678_901n]);
    const error = decodeRevert(data, LABELS);
    expect(error).to.be.instanceOf(ContractErrorOf);
    expect(error.name).to.equal("AboveBorrowLimit");
    if (error.name !== "AboveBorrowLimit") return;
    expect(error.args).to.deep.equal({ debt: 15_000_250_000n, borrowLimit: 12_345_678_901n });
    expect(error.sentence).to.equal(
      "The loan would owe 15000.25 USDC and may owe 12345.678901 USDC: borrow less, release less, or pledge more first.",
    );
    expect(error.message).to.equal(error.sentence);
    expect(decodeRevert(data).sentence).to.contain("15000250000 base units of the loan asset");
  });

  it("writes times, lengths of time, rates, loans and activities as people do", () => {
    const id = (0xabcdn << 96n) | 7n;
    const loan = "loan 7 of 0x000000000000000000000000000000000000abcd";
    const sentences = [
      ["AlreadyCalled", [id, 1_767_225_600n], `The margin of ${loan} is called already, until 2026-01-01 00:00:00 UTC`],
      ["Paused", [1n, 2n ** 256n - 1n], `The guardian has paused borrowing until second ${2n ** 256n - 1n}`],
      [
        "ProposalNotReady",
        [86_461n, 604_800n],
        "The proposal is 1 d 1 min 1 s old and must be 7 d: execute it in 5 d 23 h 58 min 59 s.",
      ],
      [
        "RateAboveMax",
        [52_500_000n, 50_000_000n],
        "The market's rate for the term is 5.25 % a year, above the 5 % a year",
      ],
      ["SequencerNotReady", [0n, 3_600n], "must have been up for 1 h, and is not known to be up. Wait until it is."],
      ["SequencerNotReady", [1_767_225_600n, 3_600n], "Try again after 2026-01-01 01:00:00 UTC."],
      [
        "CapExceeded",
        [1n, 150_000_000n, 100_000_000n],
        "would pledge 1.5 WBTC, and the cap of WBTC (listing 1) is 1 WBTC",
      ],
      ["CapExceeded", [9n, 2n, 1n], "2 base units of listing 9's token, and the cap of listing 9 is 1 base"],
      ["Panic", [0x11n], "The contract stopped, as a figure is out of range (panic 0x11)"],
    ] as const;
    for (const [name, args, part] of sentences) {
      expect(decodeRevert(known.encodeErrorResult(name, args), LABELS).sentence).to.contain(part);
    }
  });

  it("reads what the contracts revert with: book, its libraries, vault, manager and tokens", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, vault, manager, borrower, keeper, lender, stranger } = market;
    const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
    const none = loanId(stranger, 5n);
    const authorization = { owner: borrower, operator: keeper, isAuthorized: true, nonce: 0n, deadline: 0n };
    const calls = [
      [() => book.connect(keeper).borrow(id, 1n, keeper), "NotOwnerOrOperator", { id, caller: keeper.address }],
      [() => book.connect(borrower).release(id, 1n, 1n, borrower), "NotPledged", { id, listing: 1n }],
      [() => book.callMarginBatch([id]), "NothingCalled", { loans: 1n }],
      [() => book.clearMarginCall(id), "NoMarginCall", { id }],
      [() => book.roll(none), "NotFixedTerm", { id: none }],
      [() => book.setAuthorizationWithSig(authorization, "0x"), "SignatureExpired", { deadline: 0n }],
      [
        () => vault.connect(lender).deposit(usdc("9,000,001"), lender),
        "ERC4626ExceededMaxDeposit",
        { receiver: lender.address, assets: usdc("9,000,001"), max: usdc("9,000,000") },
      ],
      [() => vault.connect(keeper).pause(0n), "AccessManagedUnauthorized", { caller: keeper.address }],
      [
        () => vault.connect(stranger).transfer(keeper, 1n),
        "ERC20InsufficientBalance",
        { sender: stranger.address, balance: 0n, needed: 1n },
      ],
      [
        () =>
          new Contract(manager, ["function labelRole(uint64, string)"], keeper)
            .getFunction("labelRole")
            .send(5n, "five"),
        "AccessManagerUnauthorizedAccount",
        { msgsender: keeper.address, roleId: 0n },
      ],
    ] as const;
    for (const [call, name, args] of calls) {
      const error = contractErrorIn(await thrownBy(call()), LABELS);
      expect(error, name).to.have.property("name", name);
      expect(error).to.have.deep.property("args", args);
    }
  });

  it("keeps what was thrown as the cause", async () => {
    const { book } = await networkHelpers.loadFixture(standardMarket);
    const thrown = await thrownBy(book.liquidateBatch([], "0x"));
    expect(contractErrorIn(thrown)).to.have.property("cause", thrown);
  });

  it("finds revert data where ethers, viem and nodes put it, and not where there is none", () => {
    const data = known.encodeErrorResult("ZeroAmount");
    const ofEthers = makeError("execution reverted", "CALL_EXCEPTION", {
      action: "call",
      data,
      reason: null,
      transaction: { to: null, data: "0x12345678" },
      invocation: null,
      revert: null,
    });
    const ofViem = new Error("outer", {
      cause: Object.assign(new Error("reverted"), { data: { errorName: "X" }, raw: data }),
    });
    const places = [ofEthers, ofViem, { info: { error: { code: 3, data } } }, { error: { data: { data } } }];
    for (const error of places) expect(contractErrorIn(error)).to.have.property("name", "ZeroAmount");

    const refused = makeError("rejected", "ACTION_REJECTED", { action: "sendTransaction", reason: "rejected" });
    const ofReceipt = { code: "CALL_EXCEPTION", data: null, transaction: { data: "0x12345678" } };
    for (const error of [refused, ofReceipt, new Error("no network"), "text", undefined, null]) {
      expect(contractErrorIn(error)).to.equal(undefined);
    }
    const ring: { cause?: unknown } = {};
    ring.cause = ring;
    expect(contractErrorIn(ring)).to.equal(undefined);
  });

  it("says of foreign reverts what is known of them", () => {
    const foreign = decodeRevert("0xdeadbeef00");
    expect(foreign).to.be.instanceOf(UnknownRevertError);
    expect(foreign).to.include({ data: "0xdeadbeef00", selector: "0xdeadbeef" });
    expect(foreign.sentence).to.contain("0xdeadbeef");
    const short = known.encodeErrorResult("AboveBorrowLimit", [1n, 2n]).slice(0, -64);
    expect(decodeRevert(short)).to.be.instanceOf(UnknownRevertError);
    const empty = decodeRevert("0x");
    expect(empty).to.include({ name: "UnknownRevertError", selector: undefined });
    expect(empty.sentence).to.contain("without a reason");
    const spoken = decodeRevert(
      `0x08c379a0${AbiCoder.defaultAbiCoder().encode(["string"], ["Dai/insufficient-balance"]).slice(2)}`,
    );
    expect(spoken.sentence).to.contain('"Dai/insufficient-balance"');
  });

  it("refuses what is no revert data", () => {
    for (const data of ["", "0x1", "deadbeef", "0xzz"]) {
      expect(() => decodeRevert(data), data).to.throw(InvalidInputError, "data is ");
    }
  });
});

/** Every error of the contracts and libraries in contracts/, and of what they are built on, by its declaration. */
async function errorsOfContracts(): Promise<ErrorFragment[]> {
  const names = (await readArtifacts(ROOT)).map(({ source, name }) => `contracts/${source}:${name}`);
  const errors = new Map<string, ErrorFragment>();
  for (const name of [...names, "AccessManager"]) {
    const { abi } = await hre.artifacts.readArtifact(name);
    new Interface(abi).forEachError((error) => errors.set(error.format(), error));
  }
  return [...errors.values()];
}

function sentenceOf(data: string): string {
  const error = decodeRevert(data, LABELS);
  expect(error, data).to.be.instanceOf(ContractErrorOf);
  return error.sentence;
}

/** A value of a type, another for each number. */
function sample({ type, baseType }: ParamType, number: number): unknown {
  if (baseType === "string") return `text ${number}`;
  if (baseType === "address") return `0x${number.toString(16).padStart(40, "0")}`;
  const bytes = /^bytes(\d+)$/.exec(type)?.[1];
  return bytes === undefined ? BigInt(number) : `0x${number.toString(16).padStart(2 * Number(bytes), "0")}`;
}

async function thrownBy(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
