import { expect } from "chai";
import { MaxUint256, ZeroAddress, ZeroHash, type Addressable, type BaseContract } from "ethers";

import { AMPLE_GAS, deployActor, encode } from "../helpers/actor.ts";
import { DAY, networkHelpers } from "../helpers/chain.ts";
import { openTermLoan } from "../helpers/loans.ts";
import {
  debts,
  dollars,
  LINK,
  link,
  loanId,
  openLoan,
  standardMarket,
  usdc,
  WBTC,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { deployMock } from "../helpers/mocks.ts";
import { expectBalancedBooks, greedyOrder } from "./scene.ts";

type Scene = Market & { id: bigint };

async function standingLoan(): Promise<Scene> {
  const market = await standardMarket();
  const id = await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("10,000") });
  return { ...market, id };
}

/** The book's call that has a token approve. */
const permitAt = ({ book }: Market, token: string): string =>
  encode(book, "permit", [token, MaxUint256, MaxUint256, 27n, ZeroHash, ZeroHash]);

describe("Attacks through operators, multicall and permit", () => {
  // The one call that the book makes wherever its caller wants: what it is called from must be worth nothing.
  it("a permit that is no permit finds no power in being called by the book", async () => {
    const scene = await networkHelpers.loadFixture(standingLoan);
    const { book, vault, manager, borrower, stranger, guardian, weth: token, id } = scene;
    const trap = await deployMock<BaseContract>("PermitTrap");
    const address = await trap.getAddress();
    const [pledges, term] = [[[WETH, weth("1")]], [7n * DAY, MaxUint256]];
    const deeds: [Addressable, string][] = [
      [book, encode(book, "release", [id, WETH, weth("1"), address])],
      [book, encode(book, "borrow", [id, usdc("1"), address])],
      [book, encode(book, "close", [id, MaxUint256, address])],
      [book, encode(book, "pledge", [id, LINK, 1n])],
      [book, encode(book, "multicall", [[encode(book, "release", [id, WETH, 1n, address])]])],
      [book, encode(book, "retire", [WETH])],
      [book, encode(book, "openTerm", [id + 1n, pledges, usdc("100"), term, address])],
      [book, encode(book, "refinance", [id, [term, usdc("1"), 0n, true, address]])],
      [vault, encode(vault, "accrueDebt", [])],
      [vault, encode(vault, "draw", [address, 1n, debts({})])],
      [vault, encode(vault, "retire", [debts({ scaled: usdc("10,000") }), 0n, 0n])],
      [vault, encode(vault, "writeOff", [debts({ scaled: usdc("10,000") })])],
      [vault, encode(vault, "refinanced", [debts({}), debts({}), 1n, 0n, 0n, address])],
      [vault, encode(vault, "pause", [0n])],
      [vault, encode(vault, "withdraw", [1n, address, scene.lender.address])],
      [token, encode(token, "transferFrom", [borrower.address, address, 1n])],
      [manager, manager.interface.encodeFunctionData("grantRole", [0n, address, 0n])],
    ];
    for (const [target, data] of deeds) {
      await trap.getFunction("prepare")(target, data);
      for (const caller of [stranger, borrower, guardian]) {
        await book.connect(caller).multicall([permitAt(scene, address)], AMPLE_GAS);
      }
    }
    expect(await trap.getFunction("permits")()).to.equal(BigInt(deeds.length * 3));
    expect(await trap.getFunction("successes")()).to.equal(0n);
    await expectBalancedBooks(scene);
  });

  it("a permit asked of the market's own contracts, of a precompile or of nobody changes nothing", async () => {
    const scene = await networkHelpers.loadFixture(standingLoan);
    const { book, vault, manager, usdc: asset, weth: token, borrower, stranger, id } = scene;
    const addresses = [ZeroAddress, "0x0000000000000000000000000000000000000001", stranger.address];
    for (const contract of [book, vault, manager, asset, token]) addresses.push(await contract.getAddress());
    const before = [await vault.state(), await book.loan(id), await book.healthOf(id)];
    await book.connect(stranger).multicall(
      addresses.map((address) => permitAt(scene, address)),
      AMPLE_GAS,
    );
    expect([await vault.state(), await book.loan(id), await book.healthOf(id)]).to.deep.equal(before);
    expect(await vault.allowance(stranger, book)).to.equal(0n);
    expect(await token.getFunction("allowance")(borrower, book)).to.equal(MaxUint256);
  });

  // A multicall as a flash loan of one's own collateral: each step is checked, not the sum.
  it("no step of a multicall may stand on what a later step brings back", async () => {
    const scene = await networkHelpers.loadFixture(standingLoan);
    const { book, borrower, id } = scene;
    const call = (method: string, ...args: unknown[]): string => encode(book, method, args);
    const tricks: [string, string[], string][] = [
      [
        "released and pledged again",
        [call("release", id, WETH, weth("10"), borrower.address), call("pledge", id, WETH, weth("10"))],
        "AboveBorrowLimit",
      ],
      [
        "drawn beyond the limit and repaid",
        [call("borrow", id, usdc("6,000"), borrower.address), call("repay", id, usdc("6,000"))],
        "AboveBorrowLimit",
      ],
      [
        "below the smallest loan and above it again",
        [call("repay", id, usdc("9,950")), call("borrow", id, usdc("9,950"), borrower.address)],
        "DebtBelowMin",
      ],
      [
        "one ether for two loans",
        [
          call("pledge", loanId(borrower, 2n), WETH, weth("10")),
          call("borrow", loanId(borrower, 2n), usdc("15,600"), borrower.address),
          call("release", loanId(borrower, 2n), WETH, weth("10"), borrower.address),
        ],
        "AboveBorrowLimit",
      ],
    ];
    for (const [name, calls, error] of tricks) {
      await expect(book.connect(borrower).multicall(calls), name).to.be.revertedWithCustomError(book, error);
    }
    await expectBalancedBooks(scene);
  });

  it("who authorizes within a multicall authorizes over his own loans only", async () => {
    const { book, borrower, stranger, id } = await networkHelpers.loadFixture(standingLoan);
    const authorize = encode(book, "setAuthorization", [stranger.address, true]);
    const take = encode(book, "release", [id, WETH, weth("1"), stranger.address]);
    const nested = encode(book, "multicall", [[authorize, take]]);
    for (const calls of [[authorize, take], [nested]]) {
      await expect(book.connect(stranger).multicall(calls))
        .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
        .withArgs(id, stranger.address);
    }
    expect(await book.isAuthorized(borrower, stranger)).to.equal(false);
  });

  it("loans of book, vault, manager or nobody belong to nobody, whoever calls through them", async () => {
    const { manager, vault, book, curator, guardian, stranger } = await networkHelpers.loadFixture(standingLoan);
    for (const owner of [book, vault, manager, ZeroAddress]) {
      const address = typeof owner === "string" ? owner : await owner.getAddress();
      const open = encode(book, "open", [loanId(address), [], usdc("100"), stranger.address]);
      await expect(stranger.sendTransaction({ to: book, data: open }))
        .to.be.revertedWithCustomError(book, "NotOwnerOrOperator")
        .withArgs(loanId(address), stranger.address);
      for (const caller of [curator, guardian, stranger]) {
        await expect(manager.connect(caller).getFunction("execute")(book, open)).to.be.revertedWithCustomError(
          manager,
          "AccessManagerUnauthorizedCall",
        );
      }
    }
  });

  // An operator that was trusted once.
  it("an operator whose word was taken back in the middle of its own callback does nothing more", async () => {
    const scene = await networkHelpers.loadFixture(standingLoan);
    const { book, borrower, feeds, usdc: asset, id } = scene;
    const actor = await deployActor(scene);
    await asset.mint(actor, usdc("20,000"));
    await book.connect(borrower).setAuthorization(actor, true);
    await feeds.weth.set(dollars("1,150"));
    await book.connect(borrower).setAuthorization(actor, false);
    const self = await actor.getAddress();
    await actor.prepare([
      { target: book, data: encode(book, "release", [id, WETH, 1n, self]) },
      { target: book, data: encode(book, "borrow", [id, 1n, self]) },
      { target: book, data: encode(book, "open", [loanId(borrower, 5n), [], usdc("100"), self]) },
      { target: book, data: encode(book, "close", [id, MaxUint256, self]) },
    ]);
    await actor.run(book, encode(book, "liquidate", [greedyOrder(id), "0x01"]), AMPLE_GAS);
    const outcomes = await actor.outcomes();
    for (const { success, result } of outcomes) {
      expect(success).to.equal(false);
      expect(book.interface.parseError(result)?.name).to.equal("NotOwnerOrOperator");
    }
    expect(outcomes.length).to.equal(4);
    await expectBalancedBooks(scene);
  });

  // A place in a loan is scarce: four assets. Nobody but the owner gives them away.
  it("strangers fill no loan with assets, use no number before its owner, and spoil no exit by a unit", async () => {
    const scene = await networkHelpers.loadFixture(standingLoan);
    const { book, borrower, stranger, id } = scene;
    const strangers = book.connect(stranger);
    for (const listing of [WBTC, LINK]) {
      await expect(strangers.pledge(id, listing, 1n)).to.be.revertedWithCustomError(book, "NotOwnerOrOperator");
    }
    for (const number of [0n, 2n, 2n ** 96n - 1n]) {
      await expect(strangers.pledge(loanId(borrower, number), WETH, 1n)).to.be.revertedWithCustomError(
        book,
        "NotOwnerOrOperator",
      );
    }
    // A unit pledged and a unit repaid right before the owner's multicall leaves it what it was.
    await strangers.pledge(id, WETH, 1n);
    await strangers.repay(id, 1n);
    await book
      .connect(borrower)
      .multicall([
        encode(book, "repay", [id, MaxUint256]),
        encode(book, "release", [id, WETH, MaxUint256, borrower.address]),
        encode(book, "open", [id, [{ listing: LINK, amount: link("100") }], usdc("100"), borrower.address]),
      ]);
    expect(await book.loan(id)).to.deep.equal(openTermLoan(usdc("100"), 1n << LINK));
    expect(await scene.weth.balanceOf(borrower)).to.equal(weth("10,000") + 1n);
    await expectBalancedBooks(scene);
  });
});
