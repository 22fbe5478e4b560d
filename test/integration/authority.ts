import { expect } from "chai";

import { clock, networkHelpers } from "../helpers/chain.ts";
import { bookAction, CURATOR, idOfAction, PROPOSAL_DELAY } from "../helpers/governance.ts";
import { DAY, standardMarket, usdc, WETH, weth } from "../helpers/market.ts";
import { carryOutAsAdmin, governedMarket, instruct, signerNumber } from "../helpers/officers.ts";

const raiseWeth = bookAction("raiseCap", [WETH, weth("6,000")]);
const ID = idOfAction(raiseWeth);

describe("Proposals of a curator with a delay of its own", () => {
  it("wait for both: the AccessManager's, then the contract's", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { manager, book, deployer } = market;
    const slow = await signerNumber(12);
    await instruct(market, deployer, "grantRole", [CURATOR, slow, DAY]);
    const propose = book.interface.encodeFunctionData("propose", [raiseWeth]);
    const execute = book.interface.encodeFunctionData("execute", [raiseWeth]);
    await expect(book.connect(slow).propose(raiseWeth)).to.be.revertedWithCustomError(
      manager,
      "AccessManagerNotScheduled",
    );

    await instruct(market, slow, "schedule", [book, propose, 0n]);
    await clock.advance(DAY - 1n);
    await expect(book.connect(slow).propose(raiseWeth)).to.be.revertedWithCustomError(manager, "AccessManagerNotReady");
    await clock.advance(1n);
    await instruct(market, slow, "execute", [book, propose]);
    expect(await book.proposedAt(ID)).to.equal(clock.now());

    await clock.advance(PROPOSAL_DELAY - DAY);
    await instruct(market, slow, "schedule", [book, execute, 0n]);
    await clock.advance(DAY);
    await book.connect(slow).execute(raiseWeth); // straight to the book, which asks whether it was announced
    expect((await book.listings(WETH)).cap).to.equal(weth("6,000"));
  });

  it("are still too young for the contract when the AccessManager lets them pass", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, deployer, curator } = market;
    const slow = await signerNumber(12);
    await instruct(market, deployer, "grantRole", [CURATOR, slow, DAY]);
    await book.connect(curator).propose(raiseWeth);
    const execute = book.interface.encodeFunctionData("execute", [raiseWeth]);
    await instruct(market, slow, "schedule", [book, execute, 0n]);
    await clock.advance(DAY);
    await expect(instruct(market, slow, "execute", [book, execute]))
      .to.be.revertedWithCustomError(book, "ProposalNotReady")
      .withArgs(DAY, PROPOSAL_DELAY);
  });
});

describe("The authority", () => {
  it("is changed through itself only, and to a contract only", async () => {
    const market = await networkHelpers.loadFixture(standardMarket);
    const { book, vault, deployer, stranger, curator } = market;
    for (const caller of [deployer, curator, stranger]) {
      await expect(book.connect(caller).setAuthority(vault))
        .to.be.revertedWithCustomError(book, "AccessManagedUnauthorized")
        .withArgs(caller.address);
    }
    await expect(instruct(market, deployer, "updateAuthority", [book, stranger]))
      .to.be.revertedWithCustomError(book, "AccessManagedInvalidAuthority")
      .withArgs(stranger.address);
    await expect(instruct(market, deployer, "updateAuthority", [vault, stranger]))
      .to.be.revertedWithCustomError(vault, "AccessManagedInvalidAuthority")
      .withArgs(stranger.address);
  });

  it("that answers nothing lets no officer do anything, and nobody else any harm", async () => {
    const market = await networkHelpers.loadFixture(governedMarket);
    const { book, vault, guardian, lender, usdc: token } = market;
    await carryOutAsAdmin(market, "updateAuthority", [vault, token]);
    expect(await vault.authority()).to.equal(await token.getAddress());
    await expect(vault.connect(guardian).pause(0n))
      .to.be.revertedWithCustomError(vault, "AccessManagedUnauthorized")
      .withArgs(guardian.address);
    await vault.connect(lender).withdraw(usdc("1"), lender, lender);
    await book.connect(guardian).retire(WETH); // the book has kept its own
  });
});
