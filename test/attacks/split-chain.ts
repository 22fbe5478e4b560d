import { expect } from "chai";
import { network } from "hardhat";

import { ethers, networkHelpers } from "../helpers/chain.ts";
import { authorizationOf, domainOf, sign } from "../helpers/authorizations.ts";
import { LoanBook__factory } from "../helpers/contracts.ts";
import { standardMarket } from "../helpers/market.ts";

const NEW_CHAIN = 31_338;

describe("Attacks after a chain has split", () => {
  it("what was signed for one of the two chains is worth nothing on the other", async () => {
    const { book, borrower, stranger } = await networkHelpers.loadFixture(standardMarket);
    const authorization = await authorizationOf(book, borrower, stranger);
    const old = await sign(book, borrower, authorization);
    const fresh = await sign(book, borrower, authorization, { chainId: NEW_CHAIN });

    // The same code at the same address, which was deployed while there was one chain.
    const split = await network.create({ override: { chainId: NEW_CHAIN, allowBlocksWithSameTimestamp: true } });
    const [anyone] = await split.ethers.getSigners();
    if (anyone === undefined) throw new Error("There are no accounts.");
    const address = await book.getAddress();
    await split.networkHelpers.setCode(address, await ethers.provider.getCode(address));
    const twin = LoanBook__factory.connect(address, anyone);
    const chains = [
      { its: twin, own: fresh, foreign: old, chainId: BigInt(NEW_CHAIN) },
      {
        its: book.connect(stranger),
        own: old,
        foreign: fresh,
        chainId: BigInt(String((await domainOf(book)).chainId)),
      },
    ];
    for (const { its, own, foreign, chainId } of chains) {
      expect((await its.eip712Domain())[3]).to.equal(chainId);
      await expect(its.setAuthorizationWithSig(foreign.authorization, foreign.signature))
        .to.be.revertedWithCustomError(its, "InvalidSignature")
        .withArgs(borrower.address);
      await its.setAuthorizationWithSig(own.authorization, own.signature);
      expect(await its.isAuthorized(borrower, stranger)).to.equal(true);
      // Each once: the nonces are two chains' too.
      await expect(its.setAuthorizationWithSig(own.authorization, own.signature)).to.be.revertedWithCustomError(
        its,
        "InvalidAccountNonce",
      );
    }
  });
});
