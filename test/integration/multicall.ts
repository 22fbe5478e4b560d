import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "chai";
import { MaxUint256, Signature, ZeroHash } from "ethers";

import type { LoanBookInterface } from "../../typechain-types/LoanBook.ts";
import { clock, ethers, networkHelpers } from "../helpers/chain.ts";
import { openStanding, type Standing } from "../helpers/exits.ts";
import { bookAction, CURATOR, idOfAction, PROPOSAL_DELAY } from "../helpers/governance.ts";
import {
  DAY,
  LINK,
  link,
  loanId,
  standardMarket,
  usdc,
  WBTC,
  wbtc,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { instruct, signerNumber } from "../helpers/officers.ts";

type Scene = Market & Standing;

async function scene(): Promise<Scene> {
  const market = await standardMarket();
  return { ...market, ...(await openStanding(market)) };
}

/** How the book's calls are encoded. */
function calls({ book }: Market): LoanBookInterface["encodeFunctionData"] {
  return book.interface.encodeFunctionData.bind(book.interface);
}

type OpenArguments = [id: bigint, pledges: { listing: bigint; amount: bigint }[], amount: bigint, receiver: string];

/** Against two ether. */
function openArguments(owner: HardhatEthersSigner, number: bigint, amount: bigint): OpenArguments {
  return [loanId(owner, number), [{ listing: WETH, amount: weth("2") }], amount, owner.address];
}

describe("Multicall", () => {
  it("opens, pledges another asset and borrows more, in one transaction", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower } = market;
    const encode = calls(market);
    const id = loanId(borrower, 9n);
    const before = await market.usdc.balanceOf(borrower);
    await book
      .connect(borrower)
      .multicall([
        encode("open", openArguments(borrower, 9n, usdc("3,000"))),
        encode("pledge", [id, LINK, link("100")]),
        encode("borrow", [id, usdc("1,000"), borrower.address]),
      ]);
    expect(await book.debtOf(id)).to.equal(usdc("4,000"));
    expect(await book.pledgeOf(id, LINK)).to.equal(link("100"));
    expect(await market.usdc.balanceOf(borrower)).to.equal(before + usdc("4,000"));
  });

  it("returns what each call returned", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, id, debtFree } = market;
    const encode = calls(market);
    const [repaid, released, nothing] = await book
      .connect(borrower)
      .multicall.staticCall([
        encode("repay", [id, usdc("1,000")]),
        encode("release", [debtFree, WBTC, MaxUint256, borrower.address]),
        encode("setAuthorization", [borrower.address, true]),
      ]);
    expect(book.interface.decodeFunctionResult("repay", repaid ?? "0x")).to.deep.equal([usdc("1,000")]);
    expect(book.interface.decodeFunctionResult("release", released ?? "0x")).to.deep.equal([wbtc("1")]);
    expect(nothing).to.equal("0x");
  });

  it("moves a pledge from one loan to another: each call sees what those before have done", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, id, debtFree } = market;
    const encode = calls(market);
    await book
      .connect(borrower)
      .multicall([
        encode("pledge", [id, WBTC, wbtc("1")]),
        encode("release", [id, WETH, weth("10"), borrower.address]),
        encode("pledge", [debtFree, WETH, weth("10")]),
      ]);
    expect(await book.pledgeOf(debtFree, WETH)).to.equal(weth("10"));
    expect(await book.pledgeOf(id, WETH)).to.equal(0n);
  });

  it("may be empty, or hold multicalls", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, stranger, id } = market;
    const encode = calls(market);
    await book.connect(stranger).multicall([]);
    const borrow = encode("borrow", [id, usdc("1"), borrower.address]);
    const nested = encode("multicall", [[borrow, encode("multicall", [[borrow]])]]);
    await book.connect(borrower).multicall([borrow, nested]);
    expect(await book.debtOf(id)).to.equal(usdc("10,003"));
    // The caller is the same at every depth.
    await expect(book.connect(stranger).multicall([nested]))
      .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
      .withArgs(id, stranger.address);
  });

  it("takes no ether", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower } = market;
    const data = calls(market)("multicall", [[]]);
    await expect(borrower.sendTransaction({ to: book, data, value: 1n })).to.be.revertedWithoutReason(ethers);
    expect(await ethers.provider.getBalance(book)).to.equal(0n);
  });

  it("undoes everything and says why when one call fails", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, id } = market;
    const encode = calls(market);
    const before = await market.usdc.balanceOf(borrower);
    await expect(
      book
        .connect(borrower)
        .multicall([
          encode("repay", [id, usdc("1,000")]),
          encode("setAuthorization", [market.stranger.address, true]),
          encode("borrow", [id, usdc("100,000"), borrower.address]),
        ]),
    )
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("109,000"), usdc("15,600"));
    expect(await book.debtOf(id)).to.equal(usdc("10,000"));
    expect(await book.isAuthorized(borrower, market.stranger)).to.equal(false);
    expect(await market.usdc.balanceOf(borrower)).to.equal(before);
  });

  it("says that a call failed where that call says nothing", async () => {
    const { book, stranger } = await networkHelpers.loadFixture(scene);
    for (const nonsense of ["0x", "0x12345678", book.interface.encodeFunctionData("repay", [1n, 1n]).slice(0, -2)]) {
      await expect(book.connect(stranger).multicall([nonsense])).to.be.revertedWithCustomError(book, "FailedCall");
    }
  });
});

describe("Multicall skips no check", () => {
  it("an approval is used up once", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, id } = market;
    await market.weth.connect(borrower).approve(book, weth("1"));
    const pledge = calls(market)("pledge", [id, WETH, weth("1")]);
    await expect(book.connect(borrower).multicall([pledge, pledge]))
      .to.be.revertedWithCustomError(market.weth, "ERC20InsufficientAllowance")
      .withArgs(await book.getAddress(), 0n, weth("1"));
    await book.connect(borrower).multicall([pledge]);
    expect(await book.pledgeOf(id, WETH)).to.equal(weth("11"));
  });

  it("what may be borrowed or released is what is left after the calls before", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, id } = market;
    const encode = calls(market);
    const borrow = encode("borrow", [id, usdc("5,600"), borrower.address]);
    await expect(book.connect(borrower).multicall([borrow, borrow]))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("21,200"), usdc("15,600"));
    const release = encode("release", [id, WETH, weth("3"), borrower.address]);
    await expect(book.connect(borrower).multicall([release, release]))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("10,000"), usdc("6,240"));
  });

  it("a debt above the limit cannot be made good by a later call: each is checked at its end", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, id } = market;
    const encode = calls(market);
    const borrow = encode("borrow", [id, usdc("10,000"), borrower.address]);
    const pledge = encode("pledge", [id, WETH, weth("10")]);
    await expect(book.connect(borrower).multicall([borrow, pledge]))
      .to.be.revertedWithCustomError(book, "AboveBorrowLimit")
      .withArgs(usdc("20,000"), usdc("15,600"));
    await book.connect(borrower).multicall([pledge, borrow]);
    expect(await book.debtOf(id)).to.equal(usdc("20,000"));
  });

  it("a number is opened once, a proposal carried out once", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, curator } = market;
    const encode = calls(market);
    const open = encode("open", openArguments(borrower, 9n, usdc("100")));
    await expect(book.connect(borrower).multicall([open, open]))
      .to.be.revertedWithCustomError(book, "LoanExists")
      .withArgs(loanId(borrower, 9n));
    const action = bookAction("raiseCap", [WETH, weth("6,000")]);
    await book.connect(curator).multicall([encode("propose", [action])]);
    await clock.advance(PROPOSAL_DELAY);
    const execute = encode("execute", [action]);
    await expect(book.connect(curator).multicall([execute, execute]))
      .to.be.revertedWithCustomError(book, "NotProposed")
      .withArgs(idOfAction(action));
  });

  it("officers may bundle what is theirs, and nobody else may", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, borrower, curator, guardian, stranger } = market;
    const encode = calls(market);
    const actions = [bookAction("raiseCap", [WETH, weth("6,000")]), bookAction("raiseCap", [WBTC, wbtc("600")])];
    const propose = actions.map((action) => encode("propose", [action]));
    const execute = actions.map((action) => encode("execute", [action]));
    const retire = encode("retire", [LINK]);
    await book.connect(curator).multicall(propose);
    await clock.advance(PROPOSAL_DELAY);
    for (const [caller, bundle] of [
      [stranger, execute],
      [borrower, propose],
      [guardian, execute],
      [curator, [...execute, retire]], // its own, and what is the guardian's
    ] as const) {
      await expect(book.connect(caller).multicall([...bundle]))
        .to.be.revertedWithCustomError(book, "AccessManagedUnauthorized")
        .withArgs(caller.address);
    }
    await book.connect(curator).multicall(execute);
    expect((await book.listings(WETH)).cap).to.equal(weth("6,000"));
    expect((await book.listings(WBTC)).cap).to.equal(wbtc("600"));
    await book.connect(guardian).multicall([retire, encode("lowerCap", [WETH, 0n])]);
    expect((await book.listings(LINK)).isRetired).to.equal(true);
  });

  it("a curator with a delay finds what it announced, call by call", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { manager, book, deployer } = market;
    const slow = await signerNumber(12);
    await instruct(market, deployer, "grantRole", [CURATOR, slow, DAY]);
    const action = bookAction("raiseCap", [WETH, weth("6,000")]);
    const propose = calls(market)("propose", [action]);
    await instruct(market, slow, "schedule", [book, propose, 0n]);
    await clock.advance(DAY);
    await expect(book.connect(slow).multicall([propose, propose])).to.be.revertedWithCustomError(
      manager,
      "AccessManagerNotScheduled",
    );
    await book.connect(slow).multicall([propose]);
    expect(await book.proposedAt(idOfAction(action))).to.equal(clock.now());
  });

  it("a permit in nobody's name moves nothing: it is made for the caller alone", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { book, stranger, borrower } = market;
    const { v, r, s } = Signature.from({ r: ZeroHash, s: ZeroHash, v: 27 });
    const token = await market.weth.getAddress();
    await book.connect(stranger).multicall([calls(market)("permit", [token, 1n, MaxUint256, v, r, s])]);
    const allowance: unknown = await market.weth.getFunction("allowance").staticCall(borrower, book);
    expect(allowance).to.equal(MaxUint256);
  });
});
