import { expect } from "chai";
import { toBeHex } from "ethers";

import { MAX as MAX_AVERAGE, pack } from "../../sdk/src/math/averaged-supply.ts";
import { MAX_RATE, MIN_RATE } from "../../sdk/src/math/rate-curve.ts";
import * as Vault from "../../sdk/src/math/vault.ts";
import { Comparison } from "../differential/comparison.ts";
import { askVault } from "../differential/vault-figures.ts";
import { BigRandom } from "../../scripts/vectors/big-random.ts";
import { clock, networkHelpers, YEAR } from "../helpers/chain.ts";
import type { LenderVault } from "../helpers/contracts.ts";
import { standardMarket } from "../helpers/market.ts";
import { WAD } from "../helpers/mathematics.ts";
import { storedVault } from "../helpers/stored-vault.ts";

const RUNS = 80;
const HAS_TERMS = 1n << 7n;

// As pinned by test/integration/storage-layout.ts.
const [TOTAL_SUPPLY, STATE, TERMS, DEPOSIT_CAP] = [2n, 10n, 12n, 14n];

async function store(vault: LenderVault, slot: bigint, fields: [value: bigint, bits: bigint][]): Promise<void> {
  const word = fields.reduceRight((packed, [value, bits]) => (packed << bits) | value, 0n);
  await networkHelpers.setStorageAt(await vault.getAddress(), slot, toBeHex(word, 32));
}

/** A state that the vault may have, however unlikely: amounts of all lengths, and often the ends of their fields. */
async function storeAny(vault: LenderVault, random: BigRandom, bits: number): Promise<void> {
  const now = clock.now();
  const index = random.chance(0.2) ? 2n ** 72n - 1n - random.sized(40) : random.within(WAD, 50n * WAD);
  const scaledDebt = random.chance(0.1) ? 0n : random.sized(bits);
  const [cash, principal] = [random.sized(bits), random.chance(0.3) ? 0n : random.sized(bits)];
  const weighted = principal * random.within(2n * 10n ** 7n, 103n * 10n ** 7n);
  const dated = weighted * (now - random.upTo(3n * YEAR));
  const owed = (scaledDebt * index) / WAD + principal;
  const reserves = random.upTo(cash + owed < 2n ** 96n ? cash + owed : 2n ** 96n - 1n);
  const supply = cash + owed < MAX_AVERAGE ? cash + owed : MAX_AVERAGE;
  const averaged = pack(random.chance(0.7) ? supply - random.upTo(supply / 3n) : random.upTo(MAX_AVERAGE));
  const lastAccrual = now - (random.chance(0.1) ? 0n : random.upTo(random.pick([YEAR, 86_400n, 3_600n])));
  await store(vault, STATE, [
    [scaledDebt, 104n],
    [index, 72n],
    [lastAccrual, 32n],
    [averaged, 48n],
  ]);
  await store(vault, STATE + 1n, [
    [cash, 104n],
    [reserves, 96n],
    [random.within(MIN_RATE, MAX_RATE), 48n],
    [principal === 0n ? 0n : HAS_TERMS, 8n],
  ]);
  // At the last accrual every one of these terms had begun.
  const latest = weighted * lastAccrual;
  await store(vault, TERMS, [
    [principal, 104n],
    [weighted, 136n],
  ]);
  await store(vault, TERMS + 1n, [[dated < latest ? dated : latest, 168n]]);
  await store(vault, TOTAL_SUPPLY, [[random.chance(0.1) ? random.sized(248) : random.sized(bits + 20), 256n]]);
  await store(vault, DEPOSIT_CAP, [[random.sized(104), 104n]]);
}

/** Compares every view, for amounts drawn at random. */
async function expectSameViews(vault: LenderVault, random: BigRandom, comparison: Comparison): Promise<void> {
  const viewed = { address: await vault.getAddress(), interface: vault.interface };
  askVault(comparison, viewed, { ...(await storedVault(vault)), balances: new Map() }, random, clock.now());
  await comparison.settle();
}

describe("The SDK's vault in any state", () => {
  for (const bits of [20, 50, 80, 104]) {
    it(`says what the contract says, with amounts of up to ${bits} bits`, async () => {
      const { vault } = await networkHelpers.loadFixture(standardMarket);
      await clock.advance(4n * YEAR);
      const random = new BigRandom(bits);
      const comparison = new Comparison();
      for (let run = 0; run < RUNS; run++) {
        await storeAny(vault, random, bits);
        await expectSameViews(vault, random, comparison);
      }
      expect(comparison.figures).to.be.above(20 * RUNS);
      expect(comparison.refused).to.be.above(RUNS); // quotes above the share, conversions that do not fit
    });
  }

  it("saturates with the contract", async () => {
    const { vault } = await networkHelpers.loadFixture(standardMarket);
    const now = clock.now();
    await store(vault, STATE, [
      [2n ** 104n - 1n, 104n],
      [2n ** 72n - 1n, 72n],
      [now, 32n],
      [pack(MAX_AVERAGE), 48n],
    ]);
    await store(vault, STATE + 1n, [
      [2n ** 104n - 1n, 104n],
      [2n ** 96n - 1n, 96n],
      [MAX_RATE, 48n],
      [0n, 8n],
    ]);
    await clock.advance(YEAR);
    const comparison = new Comparison();
    await expectSameViews(vault, new BigRandom(1), comparison);
    expect(comparison.figures).to.be.above(20);
    const { vault: stored } = await storedVault(vault);
    const { index, reserves, averagedSupply } = Vault.accrued(stored, clock.now());
    expect([index, reserves, averagedSupply]).to.deep.equal([2n ** 72n - 1n, 2n ** 96n - 1n, pack(MAX_AVERAGE)]);
  });

  it("needs interest booked no sooner: a state brought up to now says the same", async () => {
    const { vault } = await networkHelpers.loadFixture(standardMarket);
    await clock.advance(YEAR);
    const random = new BigRandom(9);
    for (let run = 0; run < RUNS; run++) {
      await storeAny(vault, random, 90);
      const { vault: stored } = await storedVault(vault);
      const now = clock.now();
      const booked = Vault.accrued(stored, now);
      expect(Vault.accrued(booked, now)).to.deep.equal(booked);
      expect(Vault.totalAssets(booked, now)).to.equal(Vault.totalAssets(stored, now));
      expect(Vault.lendRate(booked, now)).to.equal(Vault.lendRate(stored, now));
    }
  });
});
