import { expect } from "chai";
import { MaxUint256 } from "ethers";

import { quoteTerm } from "../../sdk/src/math/vault.ts";
import { clock, networkHelpers, YEAR } from "../helpers/chain.ts";
import { at } from "../helpers/lens.ts";
import { usdc, waitWithLiveFeeds } from "../helpers/market.ts";
import { deployParty, endsOf, step, type Party } from "../helpers/probe.ts";
import { storedVault } from "../helpers/stored-vault.ts";
import { openTermLoan, termMarket, useMarket, WEEK, type TermMarket } from "../helpers/terms.ts";
import { answerOf } from "./vault-refusals.ts";

/** Nine tenths are lent out, a part of it for fixed terms, and the last accrual was a while ago. */
async function busyMarket(): Promise<TermMarket & { party: Party }> {
  const market = await termMarket();
  await openTermLoan(market, { amount: usdc("60,000.000001"), duration: 100n * 86_400n });
  await useMarket(market, 9_000n);
  await waitWithLiveFeeds(market, 12_345n);
  const party = await deployParty();
  await market.usdc.mint(party.address, usdc("10,000,000"));
  return { ...market, party };
}

describe("The SDK's quote in the transaction of a deposit and a payment", () => {
  for (const [deposited, repaid, amount] of [
    ["0", "1", "20,000"],
    ["1", "1", "20,000"],
    ["500,000", "1", "20,000"],
    ["0.000001", "400,000.000007", "20,000"],
    ["123,456.789", "98,765.4321", "54,321"],
    ["5,000,000", "300,000", "0"],
    ["0", "1", "400,000"], // more than terms may owe
  ] as const) {
    it(`counts neither ${deposited} deposited nor ${repaid} repaid, for a term of ${amount}`, async () => {
      const { party, vault, book, usdc: asset, whale } = await networkHelpers.loadFixture(busyMarket);
      const { vault: stored } = await storedVault(vault);
      for (const duration of [WEEK, WEEK + 1n, YEAR]) {
        const request = { debtAdded: usdc(amount), termDebtAdded: usdc(amount), duration };
        const plan = [
          step(asset, "approve", [vault.target, MaxUint256]),
          step(asset, "approve", [book.target, MaxUint256]),
          step(vault, "deposit", [usdc(deposited), party.address]),
          step(book, "repay", [whale, usdc(repaid)]),
          step(vault, "state"),
          step(vault, "quoteTerm", [request.debtAdded, request.termDebtAdded, duration]),
        ];
        const { returned, refusal } = at(endsOf(await party.attempt([], [plan])), 0);
        if (refusal !== undefined) {
          expect(answerOf(() => quoteTerm(stored, request, clock.now()))).to.equal(undefined);
          expect([amount, refusal.startsWith("TermShareExceeded")]).to.deep.equal(["400,000", true]);
          continue;
        }
        const [[taken], figures, [rate]] = [at(returned, 3), at(returned, 4), at(returned, 5)];
        expect(taken).to.equal(usdc(repaid));
        const [scaledDebt, index, lastAccrual, averagedSupply, cash, reserves, rateAtTarget] = figures as StateWords;
        const moved = { scaledDebt, index, lastAccrual, averagedSupply, cash, reserves, rateAtTarget };
        const paid = { deposited: usdc(deposited), repaid: usdc(repaid) };
        expect(quoteTerm({ ...stored, ...moved }, { ...request, ...paid }, clock.now())).to.equal(rate);
      }
    });
  }
});

/** In the order of `LenderVault.State`. */
type StateWords = [bigint, bigint, bigint, bigint, bigint, bigint, bigint];
