import { expect } from "chai";
import { id as keccakOfText, MaxUint256, TypedDataEncoder, ZeroHash } from "ethers";

import { encode } from "../helpers/actor.ts";
import {
  authorizationCall,
  authorizationOf,
  AUTHORIZATION_FIELDS,
  domainOf,
  sign,
  signAuthorization,
} from "../helpers/authorizations.ts";
import { clock, DAY, ethers, networkHelpers } from "../helpers/chain.ts";
import { LINK, link, loanId, usdc, WETH, weth } from "../helpers/market.ts";
import { bring, expectPowers, signed, signedWithTerms, unsigned } from "../helpers/signature-scene.ts";
import { whileDelegated } from "../helpers/wallets.ts";

const TERM = { duration: 30n * DAY, maxRate: MaxUint256 };
const pledges = [{ listing: WETH, amount: weth("2") }];

describe("Authorizations by signature", () => {
  it("are of a domain that wallets can ask for (ERC-5267)", async () => {
    const { book } = await networkHelpers.loadFixture(unsigned);
    const address = await book.getAddress();
    const domain = ["0x0f", "Ballast LoanBook", "1", 31_337n, address, ZeroHash, []];
    expect(await book.eip712Domain()).to.deep.equal(domain);
    const type = "Authorization(address owner,address operator,bool isAuthorized,uint256 nonce,uint256 deadline)";
    expect(TypedDataEncoder.from(AUTHORIZATION_FIELDS).encodeType("Authorization")).to.equal(type);
    expect(await book.AUTHORIZATION_TYPEHASH()).to.equal(keccakOfText(type));
  });

  it("are of what wallets sign, with a domain of their own chain", async () => {
    const { book, borrower, operator } = await networkHelpers.loadFixture(unsigned);
    const authorization = await authorizationOf(book, borrower, operator);
    const { signature } = await sign(book, borrower, authorization);
    const domain = await domainOf(book);
    expect(domain.chainId).to.equal((await ethers.provider.getNetwork()).chainId);
    expect(ethers.verifyTypedData(domain, AUTHORIZATION_FIELDS, authorization, signature)).to.equal(borrower.address);
  });

  it("of a key take effect whoever brings them, and move nothing else", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, operator, id } = scene;
    const before = [await book.loan(id), await book.nonces(operator)];
    await expect(bring(scene, await signAuthorization(book, borrower, operator)))
      .to.emit(book, "AuthorizationSet")
      .withArgs(borrower.address, operator.address, true);
    await expectPowers(scene, borrower, operator, 1n);
    expect(await book.isAuthorized(operator, borrower)).to.equal(false);
    expect([await book.loan(id), await book.nonces(operator)]).to.deep.equal(before);
  });

  it("are good to the last second", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, operator } = scene;
    const deadline = clock.now() + DAY;
    const authorization = await signAuthorization(book, borrower, operator, { deadline });
    await clock.advance(DAY);
    await bring(scene, authorization);
    await expectPowers(scene, borrower, operator, 1n);
  });

  it("of a wallet are its own to judge (ERC-1271), and its loan is the operator's to run", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, operator, wallet, stranger } = scene;
    const owner = await wallet.getAddress();
    await scene.weth.mint(wallet, weth("1"));
    await wallet.run(scene.weth, encode(scene.weth, "approve", [await book.getAddress(), MaxUint256]));
    const id = loanId(owner);
    await wallet.run(book, encode(book, "pledge", [id, WETH, weth("1")]));

    await expect(bring(scene, await sign(book, borrower, await authorizationOf(book, wallet, operator))))
      .to.emit(book, "AuthorizationSet")
      .withArgs(owner, operator.address, true);
    await expectPowers(scene, wallet, operator, 1n);
    expect(await book.isAuthorized(borrower, operator)).to.equal(false);
    await book.connect(operator).borrow(id, usdc("500"), stranger);
    expect(await book.debtOf(id)).to.equal(usdc("500"));
  });

  it("of an account that delegates are its delegate's to judge (EIP-7702)", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, operator, wallet, id } = scene;
    await whileDelegated(borrower, wallet, async () => {
      await bring(scene, await signAuthorization(book, borrower, operator));
    });
    await expectPowers(scene, borrower, operator, 1n);
    await book.connect(operator).borrow(id, usdc("50"), operator);
    expect(await book.debtOf(id)).to.equal(usdc("10,050"));
  });

  it("are numbered by owner: one's signatures do not spend another's", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, stranger, wallet, operator } = scene;
    const ofStranger = await signAuthorization(book, stranger, operator);
    const ofWallet = await sign(book, borrower, await authorizationOf(book, wallet, operator));
    await bring(scene, await signAuthorization(book, borrower, operator));
    await bring(scene, ofWallet);
    await bring(scene, ofStranger);
    for (const owner of [borrower, wallet, stranger]) await expectPowers(scene, owner, operator, 1n);
  });

  it("may name the owner itself, or what is authorized already: a number is spent, nothing else changes", async () => {
    const scene = await networkHelpers.loadFixture(signed);
    const { book, borrower, operator, id } = scene;
    await bring(scene, await signAuthorization(book, borrower, operator));
    await bring(scene, await signAuthorization(book, borrower, borrower, { isAuthorized: false }));
    await expectPowers(scene, borrower, operator, 3n);
    await book.connect(borrower).borrow(id, usdc("50"), borrower);
    expect(await book.debtOf(id)).to.equal(usdc("10,050"));
  });
});

describe("An operator by signature", () => {
  const NEW = 9n;

  it("opens at a fixed rate, from its own tokens, to whom it names", async () => {
    const scene = await networkHelpers.loadFixture(signedWithTerms);
    const { book, vault, operator, borrower, stranger } = scene;
    const rate = await vault.quoteTerm(usdc("1,000"), usdc("1,000"), TERM.duration);
    const id = loanId(borrower, NEW);
    await book.connect(operator).openTerm(id, pledges, usdc("1,000"), TERM, stranger);
    const { base, maturity, rate: charged } = await book.loan(id);
    expect([base, maturity, charged]).to.deep.equal([usdc("1,000"), clock.now() + TERM.duration, rate]);
    expect(await scene.weth.balanceOf(operator)).to.equal(weth("9,998"));
    expect(await scene.usdc.balanceOf(stranger)).to.equal(usdc("21,001,000"));
  });

  it("refinances, draws more and pays the fee for ending a term itself", async () => {
    const scene = await networkHelpers.loadFixture(signedWithTerms);
    const { book, operator, borrower, stranger, id } = scene;
    const purse = await scene.usdc.balanceOf(borrower);
    const principal = (await book.debtOf(id)) + usdc("500");
    const order = { term: TERM, amount: usdc("500"), maxFee: 0n, addFee: false, receiver: stranger.address };
    await book.connect(operator).refinance(id, order);
    expect(await book.debtOf(id)).to.equal(principal);
    const { rate } = await book.loan(id);

    const back = { ...order, term: { duration: 0n, maxRate: 0n }, amount: 0n, maxFee: MaxUint256 };
    await book.connect(operator).refinance(id, back);
    const fee = (principal * rate * 7n + 365n * 10n ** 9n - 1n) / (365n * 10n ** 9n);
    expect(await scene.usdc.balanceOf(operator)).to.equal(usdc("1,000,000") - fee);
    expect(await scene.usdc.balanceOf(borrower)).to.equal(purse);
    expect((await book.loan(id)).maturity).to.equal(0n);
  });

  it("opens, pledges a new asset, draws, takes out and closes", async () => {
    const scene = await networkHelpers.loadFixture(signed);
    const { book, operator, borrower, stranger, id } = scene;
    const ether = await scene.weth.balanceOf(stranger);
    const dollars = await scene.usdc.balanceOf(stranger);
    await book.connect(operator).open(loanId(borrower, NEW), pledges, usdc("1,000"), stranger);
    await book.connect(operator).pledge(id, LINK, link("5"));
    await book.connect(operator).borrow(id, usdc("50"), stranger);
    await book.connect(operator).release(id, WETH, weth("1"), stranger);
    await book.connect(operator).close(id, usdc("10,050"), stranger);
    expect(await scene.weth.balanceOf(stranger)).to.equal(ether + weth("10"));
    expect(await scene.usdc.balanceOf(stranger)).to.equal(dollars + usdc("1,050"));
    expect(await scene.usdc.balanceOf(operator)).to.equal(usdc("989,950"));
    expect(await scene.link.balanceOf(stranger)).to.equal(link("2,000,005"));
    expect((await book.loan(id)).pledged).to.equal(0n);
  });

  it("acts for as long as one multicall: named, at work, dismissed", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, operator, id } = scene;
    const naming = await signAuthorization(book, borrower, operator);
    const dismissal = await signAuthorization(book, borrower, operator, { isAuthorized: false, nonce: 1n });
    const draw = book.interface.encodeFunctionData("borrow", [id, usdc("50"), borrower.address]);
    const bundle = [authorizationCall(book, naming), draw, authorizationCall(book, dismissal)];
    await book.connect(operator).multicall(bundle);
    expect(await book.debtOf(id)).to.equal(usdc("10,050"));
    await expectPowers(scene, borrower, operator, 2n, false);
  });

  it("whose signature somebody brings a moment earlier has lost a transaction, not its powers", async () => {
    const scene = await networkHelpers.loadFixture(unsigned);
    const { book, borrower, operator, id } = scene;
    const authorization = await signAuthorization(book, borrower, operator);
    const draw = book.interface.encodeFunctionData("borrow", [id, usdc("50"), operator.address]);
    await bring(scene, authorization);
    await expect(book.connect(operator).multicall([authorizationCall(book, authorization), draw]))
      .to.be.revertedWithCustomError(book, "InvalidAccountNonce")
      .withArgs(borrower.address, 1n);
    await book.connect(operator).multicall([draw]);
    expect(await book.debtOf(id)).to.equal(usdc("10,050"));
  });
});
