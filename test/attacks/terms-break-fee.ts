import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { networkHelpers } from "../helpers/chain.ts";
import { planned, type PlannedCall } from "../helpers/flash-loans.ts";
import { shares, usdc, waitWithLiveFeeds } from "../helpers/market.ts";
import { Fraction, whole } from "../helpers/mathematics.ts";
import { ANY_RATE, debtOf, feeOf, MONTH, termMarket, type TermMarket } from "../helpers/terms.ts";
import { expectBalancedBooks } from "./scene.ts";
import { deployAttacker, termStep, type Attacker } from "./terms-scene.ts";

const DEPOSIT = usdc("5,000,000");

type Scene = TermMarket & { attacker: Attacker; id: bigint };

/** The attacker owes 250,000 for a month, and has five times the market in cash. Ten days have passed. */
async function scene(): Promise<Scene> {
  const market = await termMarket();
  const attacker = await deployAttacker(market, DEPOSIT + usdc("300,000"));
  await attacker.actor.run([await termStep(market, attacker, usdc("250,000"))]);
  await waitWithLiveFeeds(market, MONTH / 3n);
  return { ...market, attacker, id: attacker.loan(1n) };
}

/** The ways in which a fee falls due. */
const WAYS: Record<string, (scene: Scene) => Promise<PlannedCall>> = {
  "repaying all": async ({ book, id }) => planned(book, "repay", [id, MaxUint256]),
  closing: async ({ book, id, attacker }) => planned(book, "close", [id, MaxUint256, attacker.address]),
  "refinancing, the fee paid": async (scene_) => refinanceStep(scene_, 0n, false),
  "refinancing, the fee added": async (scene_) => refinanceStep(scene_, 0n, true),
  "refinancing for another term": async (scene_) => refinanceStep(scene_, MONTH, false),
};

async function refinanceStep({ book, id, attacker }: Scene, duration: bigint, addFee: boolean): Promise<PlannedCall> {
  const order = {
    ...{ term: { duration, maxRate: ANY_RATE }, amount: 0n, maxFee: MaxUint256 },
    ...{ addFee, receiver: attacker.address },
  };
  return planned(book, "refinance", [id, order]);
}

describe("Attacks on the break fee by a lender who steps in for its moment", () => {
  for (const [name, way] of Object.entries(WAYS)) {
    it(`${name}: five sixths of the market for one transaction get nothing of it, it is the reserves'`, async () => {
      const market = await networkHelpers.loadFixture(scene);
      const { vault, book, id, attacker } = market;
      const { actor, address } = attacker;
      const term = await book.loan(id);
      const fee = feeOf(term);
      expect(fee).to.be.above(usdc("200")); // 250,000 at 4.4 % for a week
      const { reserves } = await vault.accruedState();
      const price = await vault.convertToAssets(shares("1,000,000"));

      // What the same costs without a deposit.
      const act = await way(market);
      const wealth = async (): Promise<bigint> => (await market.usdc.balanceOf(actor)) - (await book.debtOf(id));
      const before = await wealth();
      const snapshot = await networkHelpers.takeSnapshot();
      await actor.run([act]);
      const plain = before - (await wealth());
      expect(plain).to.be.within(fee, fee + 1n); // an open-term debt rounds up twice
      await snapshot.restore();

      const sharesOf = await vault.previewDeposit(DEPOSIT);
      await actor.run([
        await planned(vault, "deposit", [DEPOSIT, address]),
        act,
        await planned(vault, "redeem", [sharesOf, address, address]),
      ]);
      expect(before - (await wealth()) - plain).to.be.within(0n, 1n); // it gains less than nothing
      expect((await vault.state()).reserves - reserves).to.equal(fee);
      // INV-03: the share price does not step, but for the roundings.
      expect((await vault.convertToAssets(shares("1,000,000"))) - price).to.be.within(0n, 3n);
      expect(await vault.balanceOf(actor)).to.equal(0n);
      await expectBalancedBooks(market);
    });
  }

  it("would have paid: of a fee that went to lenders at once, 83 % would be his", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { vault, book, id } = market;
    const fee = feeOf(await book.loan(id));
    const assets = await vault.totalAssets();
    const caught = whole(fee).times(new Fraction(DEPOSIT, DEPOSIT + assets));
    expect([fee, caught.floor()]).to.deep.equal([usdc("203.602931"), usdc("169.478004")]);
  });

  it("nor does who deposits a second before another's repayment, and leaves a second after", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { vault, book, stranger, id, attacker } = market;
    const holds = await market.usdc.balanceOf(stranger);
    const { reserves } = await vault.accruedState();
    const fee = feeOf(await book.loan(id));
    await vault.connect(stranger).deposit(DEPOSIT, stranger);
    await attacker.actor.run([await planned(book, "repay", [id, MaxUint256])]);
    await vault.connect(stranger).redeem(await vault.balanceOf(stranger), stranger, stranger);
    expect(holds - (await market.usdc.balanceOf(stranger))).to.be.within(0n, 1n);
    expect((await vault.state()).reserves - reserves).to.equal(fee);
  });

  it("nor is the rest of a term's interest a step: repaid or not, the lenders have what grew until now", async () => {
    const market = await networkHelpers.loadFixture(scene);
    const { vault, book, id, attacker } = market;
    const assets = await vault.totalAssets();
    const debt = debtOf(await book.loan(id));
    expect(debt).to.be.above(usdc("250,250"));
    await attacker.actor.run([await planned(book, "repay", [id, MaxUint256])]);
    expect((await vault.totalAssets()) - assets).to.be.within(0n, 2n);
  });
});
