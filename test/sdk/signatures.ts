import { expect } from "chai";
import { MaxUint256, verifyTypedData } from "ethers";

import { InvalidInputError } from "../../sdk/src/errors/index.ts";
import {
  AUTHORIZATION_TYPES,
  authorizationDomain,
  nextAuthorization,
  permitDomain,
  signAuthorization,
  signPermit,
} from "../../sdk/src/signatures.ts";
import { clock, ethers, networkHelpers } from "../helpers/chain.ts";
import { DAY, shares, standardMarket, usdc } from "../helpers/market.ts";
import { deployMock } from "../helpers/mocks.ts";

describe("SDK: signatures", () => {
  it("authorizes an operator at the book by the next nonce, once", async () => {
    const { book, borrower, keeper, stranger } = await networkHelpers.loadFixture(standardMarket);
    const terms = { operator: keeper.address, isAuthorized: true, deadline: clock.now() + DAY };
    const address = await book.getAddress();
    const { authorization, signature } = await signAuthorization(borrower, address, terms);
    expect(authorization).to.deep.equal({ owner: borrower.address, nonce: 0n, ...terms });

    await book.connect(stranger).setAuthorizationWithSig(authorization, signature);
    expect(await book.isAuthorized(borrower, keeper)).to.equal(true);
    await expect(book.setAuthorizationWithSig(authorization, signature))
      .to.be.revertedWithCustomError(book, "InvalidAccountNonce")
      .withArgs(borrower.address, 1n);

    const end = await signAuthorization(borrower, address, { ...terms, isAuthorized: false });
    expect(end.authorization.nonce).to.equal(1n);
    await book.connect(stranger).setAuthorizationWithSig(end.authorization, end.signature);
    expect(await book.isAuthorized(borrower, keeper)).to.equal(false);
  });

  it("signs for one book only", async () => {
    const { book, vault, borrower, keeper } = await networkHelpers.loadFixture(standardMarket);
    const terms = { operator: keeper.address, isAuthorized: true, deadline: MaxUint256 };
    const { signature, authorization } = await signAuthorization(borrower, await book.getAddress(), terms);
    const { chainId } = await ethers.provider.getNetwork();
    const types = { Authorization: [...AUTHORIZATION_TYPES.Authorization] };
    const signerIn = (chain: bigint, at: string): string =>
      verifyTypedData(authorizationDomain(chain, at), types, authorization, signature);
    expect(signerIn(chainId, await book.getAddress())).to.equal(borrower.address);
    expect(signerIn(chainId + 1n, await book.getAddress())).not.to.equal(borrower.address);
    expect(signerIn(chainId, await vault.getAddress())).not.to.equal(borrower.address);
  });

  it("has the domain that the book declares", async () => {
    const { book } = await networkHelpers.loadFixture(standardMarket);
    const { name, version, chainId, verifyingContract } = await book.eip712Domain();
    const declared = { name, version, chainId, verifyingContract };
    expect(authorizationDomain(chainId, await book.getAddress())).to.deep.equal(declared);
  });

  it("approves the book for a token, as the book's permit takes it", async () => {
    const { book, borrower, weth } = await networkHelpers.loadFixture(standardMarket);
    await weth.connect(borrower).approve(book, 0n);
    const terms = { spender: await book.getAddress(), value: 123n, deadline: clock.now() + DAY };
    const permit = await signPermit(borrower, await weth.getAddress(), terms);
    const { token, value, deadline, v, r, s } = permit;
    await book.connect(borrower).permit(token, value, deadline, v, r, s);
    expect(await weth.getFunction("allowance").staticCall(borrower, book)).to.equal(123n);
    expect((await signPermit(borrower, token, terms)).nonce).to.equal(1n);
  });

  it("approves somebody for the vault's shares", async () => {
    const { vault, lender, stranger } = await networkHelpers.loadFixture(standardMarket);
    const terms = { spender: stranger.address, value: shares("5"), deadline: MaxUint256 };
    const { owner, value, deadline, v, r, s } = await signPermit(lender, await vault.getAddress(), terms);
    await vault.connect(stranger).permit(owner, stranger, value, deadline, v, r, s);
    expect(await vault.allowance(lender, stranger)).to.equal(shares("5"));
  });

  it("refuses tokens without permits of ERC-2612", async () => {
    const dai = await deployMock("DaiToken", "Dai", "DAI", 18);
    const refusal = await errorOf(permitDomain(ethers.provider, await dai.getAddress()));
    expect(refusal).to.be.instanceOf(InvalidInputError);
    expect(refusal).to.have.property("field", "token");
  });

  it("refuses what no message can hold", async () => {
    const { book, borrower, keeper, usdc: token } = await networkHelpers.loadFixture(standardMarket);
    const at = await book.getAddress();
    const terms = { operator: keeper.address, isAuthorized: true, deadline: 1n };
    const wrong = [
      ["operator", signAuthorization(borrower, at, { ...terms, operator: "keeper" })],
      ["deadline", signAuthorization(borrower, at, { ...terms, deadline: -1n })],
      ["book", signAuthorization(borrower, "0x00", terms)],
      ["owner", nextAuthorization(ethers.provider, at, { ...terms, owner: "" })],
      ["signer", signAuthorization(borrower.connect(null), at, terms)],
      ["value", signPermit(borrower, await token.getAddress(), { spender: at, value: 2n ** 256n, deadline: 1n })],
      ["spender", signPermit(borrower, await token.getAddress(), { spender: "", value: usdc("1"), deadline: 1n })],
    ] as const;
    for (const [field, promise] of wrong) {
      const refusal = await errorOf(promise);
      expect(refusal, field).to.be.instanceOf(InvalidInputError);
      expect(refusal).to.have.property("field", field);
    }
  });
});

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
