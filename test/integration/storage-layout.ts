import { readFile } from "node:fs/promises";

import { expect } from "chai";
import { AbiCoder, keccak256, toBeHex, zeroPadValue } from "ethers";
import { artifacts } from "hardhat";

import { clock, ethers, networkHelpers } from "../helpers/chain.ts";
import { bookAction, idOfAction, NO_FEED, raiseDepositCap } from "../helpers/governance.ts";
import {
  deployMarket,
  dollars,
  FEED_AGE,
  LOAN_ASSET_FEED_AGE,
  MAJOR_TERMS,
  openLoan,
  standardMarket,
  usdc,
  WETH,
  weth,
  type Market,
} from "../helpers/market.ts";
import { deployMock, type TestFeed } from "../helpers/mocks.ts";

/** Where the contracts keep what, as solc lays it out: slot, offset in bytes, name and type. A field that moves fails here. */
const VAULT = [
  "0:0 _balances mapping(address => uint256)",
  "1:0 _allowances mapping(address => mapping(address => uint256))",
  "2:0 _totalSupply uint256",
  "3:0 _name string",
  "4:0 _symbol string",
  "5:0 _nameFallback string",
  "6:0 _versionFallback string",
  "7:0 _nonces mapping(address => uint256)",
  "8:0 _authority address",
  "8:20 _consumingSchedule bool",
  "8:21 _voidBefore uint40",
  "9:0 _proposals mapping(bytes32 => struct Proposals.Proposal)",
  "10:0 _debtSlot DebtSlot",
  "11:0 _cashSlot CashSlot",
  "12:0 _terms struct TermDebt.Sums",
  "14:0 _depositCap uint104",
  "14:13 _depositCapLoweredAt uint40",
  "15:0 _pausedUntil mapping(enum ILenderVault.Activity => uint256)",
];

const BOOK = [
  "0:0 _authority address",
  "0:20 _consumingSchedule bool",
  "0:21 _voidBefore uint40",
  "1:0 _proposals mapping(bytes32 => struct Proposals.Proposal)",
  "2:0 _ledger struct Ledger",
  "175:0 _nonces mapping(address => uint256)",
  "176:0 isAuthorized mapping(address => mapping(address => bool))",
];

const STRUCTS: Record<string, string[]> = {
  "struct Proposals.Proposal": ["0:0 proposedAt uint40", "0:5 note uint216"],
  "struct TermDebt.Sums": ["0:0 principal uint104", "0:13 weighted uint136", "1:0 dated uint168"],
  "struct Ledger": [
    "0:0 loans mapping(uint256 => StoredLoan)",
    "1:0 pledges mapping(uint256 => uint256[40])",
    "2:0 calls mapping(uint256 => struct StoredCall)",
    "3:0 credits mapping(address => mapping(uint256 => uint256))",
    "4:0 registry struct Registry",
  ],
  "struct StoredCall": ["0:0 caller address", "0:20 calledAt uint48", "0:26 deadline uint48"],
  "struct Registry": [
    "0:0 loanAsset FeedSource",
    "1:0 count uint256",
    "2:0 sequencerFeed address",
    "3:0 listings struct StoredListing[40]",
    "163:0 frame struct PriceFrame",
  ],
  "struct PriceFrame": [
    "0:0 loanAsset address",
    "1:0 minDebt uint256",
    "2:0 peg uint256",
    "3:0 exponent uint256",
    "4:0 lowest uint256",
    "5:0 highest uint256",
  ],
  "struct StoredListing": [
    "0:0 token address",
    "0:20 held uint96",
    "1:0 source FeedSource",
    "2:0 cap uint96",
    "2:12 capLoweredAt uint40",
    "2:17 next uint8",
    "2:18 terms StoredTerms",
    "3:0 secondSource FeedSource",
  ],
};

// What the tests below look up, from the lists above.
const [PROPOSALS_OF_BOOK, REGISTRY, LISTINGS, AUTHORIZED] = [1n, 6n, 9n, 176n];
const [PROPOSALS_OF_VAULT, STATE, DEPOSIT_CAP, PAUSED_UNTIL] = [9n, 10n, 14n, 15n];

async function twoSources(): Promise<Market & { second: TestFeed }> {
  const second = await deployMock<TestFeed>("TestFeed", 10, 2_000n * 10n ** 10n);
  const market = await deployMarket({
    more: ({ weth: token, feeds }) => [
      {
        token,
        terms: MAJOR_TERMS,
        feed: { feed: feeds.weth, maxAge: FEED_AGE, minAnswer: dollars("10"), maxAnswer: dollars("65,535") },
        secondFeed: { feed: second, maxAge: 7n, minAnswer: 10n ** 11n, maxAnswer: 10n ** 15n },
        cap: weth("123"),
      },
    ],
  });
  return { ...market, second };
}

describe("Storage layout", () => {
  for (const [name, expected] of [
    ["LenderVault", VAULT],
    ["LoanBook", BOOK],
  ] as const) {
    it(`of ${name} is what it was`, async () => {
      const { fields, structs } = await layoutOf(name);
      expect(fields).to.deep.equal(expected);
      for (const [struct, members] of structs) expect(members, struct).to.deep.equal(STRUCTS[struct]);
    });
  }

  it("a listing is four slots: token and pledges, source, cap and terms, second source", async () => {
    const market = await networkHelpers.loadFixture(twoSources);
    const { book, guardian, weth: token, feeds, second } = market;
    await openLoan(market, { pledges: [[3n, weth("1.5")]], amount: usdc("1,000") });
    await book.connect(guardian).retire(3n);
    const start = LISTINGS + 4n * 3n;

    const held: [bigint, bigint] = [weth("1.5"), 96n];
    expect(await slotAt(book, start)).to.equal(packed([[BigInt(await token.getAddress()), 160n], held]));
    const terms = Object.values(MAJOR_TERMS).map((value): [bigint, bigint] => [value, 16n]);
    // Flags: 1 for a second source, 2 for a retired listing. 10 dollars are 1e9, 65,535 dollars 65535e8. A price is the feeds'
    // ratio × 10^(36 + 8 + 6 - 8 - 18), of a feed of ten decimals two less.
    const first = source(await feeds.weth.getAddress(), 3n, FEED_AGE, [1n, 9n], [65_535n, 8n], 24n);
    expect(await slotAt(book, start + 1n)).to.equal(first);
    expect(await slotAt(book, start + 2n)).to.equal(
      packed([
        [weth("123"), 96n],
        [0n, 40n],
        [WETH + 1n, 8n], // the other listing of the same token
        ...terms,
      ]),
    );
    const other = source(await second.getAddress(), 0n, 7n, [1n, 11n], [1n, 15n], 22n);
    expect(await slotAt(book, start + 3n)).to.equal(other);
    expect(await slotAt(book, start + 4n)).to.equal(0n);
    expect(await book.listings(3n)).to.deep.equal([
      await token.getAddress(),
      Object.values(MAJOR_TERMS),
      [await feeds.weth.getAddress(), FEED_AGE, dollars("10"), dollars("65,535")],
      24n,
      [await second.getAddress(), 7n, 10n ** 11n, 10n ** 15n],
      22n,
      weth("123"),
      weth("1.5"),
      true,
    ]);
  });

  it("the book's registry starts with the loan asset's source, and counts the listings", async () => {
    const { book, feeds } = await networkHelpers.loadFixture(standardMarket);
    const loanAsset = source(await feeds.usdc.getAddress(), 0n, LOAN_ASSET_FEED_AGE, [5n, 7n], [2n, 8n], 0n);
    expect(await slotAt(book, REGISTRY)).to.equal(loanAsset);
    expect(await slotAt(book, REGISTRY + 1n)).to.equal(await book.listingCount());
    expect(await slotAt(book, REGISTRY + 2n)).to.equal(BigInt(await book.sequencerFeed()));
    expect(await slotAt(book, LISTINGS + 4n * WETH + 3n)).to.equal(0n); // no second source
  });

  it("the vault's deposit cap and pauses are beside its state", async () => {
    const { vault, guardian } = await networkHelpers.loadFixture(standardMarket);
    expect(await slotAt(vault, DEPOSIT_CAP)).to.equal(await vault.depositCap());
    await vault.connect(guardian).pause(1n);
    const until = await vault.pausedUntil(1n);
    expect(until).to.equal(clock.now() + (await vault.PAUSE_DURATION()));
    expect(await slotAt(vault, entryOf(1n, PAUSED_UNTIL))).to.equal(until);
    expect(await slotAt(vault, entryOf(0n, PAUSED_UNTIL))).to.equal(0n);
    // Bit 1 of the flags, in the highest byte of the state's second slot.
    expect((await slotAt(vault, STATE + 1n)) >> 248n).to.equal(2n);
    await vault.connect(guardian).unpause(1n);
    expect(await slotAt(vault, entryOf(1n, PAUSED_UNTIL))).to.equal(0n);
    expect((await slotAt(vault, STATE + 1n)) >> 248n).to.equal(0n);
  });

  it("a proposal is one slot, in vault and book, and is gone when it is cancelled", async () => {
    const { vault, book, curator, guardian } = await networkHelpers.loadFixture(standardMarket);
    for (const [contract, mapping, action] of [
      [vault, PROPOSALS_OF_VAULT, raiseDepositCap(usdc("11,000,000"))],
      [book, PROPOSALS_OF_BOOK, bookAction("raiseCap", [WETH, weth("6,000")])],
    ] as const) {
      await contract.connect(curator).propose(action);
      const id = BigInt(idOfAction(action));
      expect(await contract.proposedAt(idOfAction(action))).to.equal(clock.now());
      expect(await slotAt(contract, entryOf(id, mapping))).to.equal(packed([[clock.now(), 40n]]));
      await contract.connect(guardian).cancel(idOfAction(action));
      expect(await slotAt(contract, entryOf(id, mapping))).to.equal(0n);
    }
  });

  it("a proposal's note of a dead feed lies above its time", async () => {
    const { book, curator, feeds } = await networkHelpers.loadFixture(standardMarket);
    const fresh = await deployMock<TestFeed>("TestFeed", 8, dollars("2,000"));
    const config = {
      feed: await fresh.getAddress(),
      maxAge: 60n,
      minAnswer: dollars("10"),
      maxAnswer: dollars("50,000"),
    };
    await feeds.weth.set(0n); // broken
    const action = bookAction("replaceFeeds", [WETH, config, NO_FEED]);
    await book.connect(curator).propose(action);
    const slot = await slotAt(book, entryOf(BigInt(idOfAction(action)), PROPOSALS_OF_BOOK));
    expect(slot & (2n ** 40n - 1n)).to.equal(clock.now());
    // The lower 216 bits of the keccak-256 of the old feed with its limits, and of 0 for a broken one.
    const old = (await book.listings(WETH)).feed;
    const words = ["address", "uint32", "uint256", "uint256", "uint256"];
    const hash = keccak256(AbiCoder.defaultAbiCoder().encode(words, [...old, 0n]));
    expect(slot >> 40n).to.equal(BigInt(hash) & (2n ** 216n - 1n));
  });

  it("an authorization is one slot, by owner and operator", async () => {
    const { book, borrower, keeper } = await networkHelpers.loadFixture(standardMarket);
    const slot = entryOf(BigInt(keeper.address), entryOf(BigInt(borrower.address), AUTHORIZED));
    for (const isAuthorized of [true, false]) {
      await book.connect(borrower).setAuthorization(keeper, isAuthorized);
      expect(await book.isAuthorized(borrower, keeper)).to.equal(isAuthorized);
      expect(await slotAt(book, slot)).to.equal(isAuthorized ? 1n : 0n);
    }
  });
});

/** A source's slot; bounds as digits and exponent. */
function source(
  feed: string,
  flags: bigint,
  maxAge: bigint,
  lower: [digits: bigint, exponent: bigint],
  upper: [digits: bigint, exponent: bigint],
  exponent: bigint,
): bigint {
  const bound = ([digits, power]: [bigint, bigint]): bigint =>
    packed([
      [digits, 16n],
      [power, 8n],
    ]);
  return packed([
    [BigInt(feed), 160n],
    [flags, 8n],
    [maxAge, 32n],
    [bound(lower), 24n],
    [bound(upper), 24n],
    [exponent, 8n],
  ]);
}

/** Fields laid side by side, the first in the lowest bits. */
function packed(fields: [value: bigint, bits: bigint][]): bigint {
  return fields.reduceRight((slot, [value, bits]) => (slot << bits) | value, 0n);
}

async function slotAt(contract: { getAddress: () => Promise<string> }, slot: bigint): Promise<bigint> {
  return BigInt(await ethers.provider.getStorage(await contract.getAddress(), slot));
}

/** The slot of a mapping's entry. */
function entryOf(key: bigint, mapping: bigint): bigint {
  const word = (value: bigint): string => zeroPadValue(toBeHex(value), 32);
  return BigInt(keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32"], [word(key), word(mapping)])));
}

interface Field {
  slot: string;
  offset: number;
  label: string;
  type: string;
}

interface Layout {
  storage: Field[];
  types: Record<string, { label: string; members?: Field[] }>;
}

/** What solc said of a contract when it was last compiled. */
async function layoutOf(name: string): Promise<{ fields: string[]; structs: [name: string, members: string[]][] }> {
  const path = `contracts/${name}.sol`;
  const id = await artifacts.getBuildInfoId(`${path}:${name}`);
  const file = id === undefined ? undefined : await artifacts.getBuildInfoOutputPath(id);
  if (file === undefined) throw new Error(`${name} is not compiled.`);
  const { output } = JSON.parse(await readFile(file, "utf8")) as {
    output: { contracts: Record<string, Record<string, { storageLayout?: Layout }>> };
  };
  const [, contracts] = Object.entries(output.contracts).find(([key]) => key.endsWith(path)) ?? [];
  const layout = contracts?.[name]?.storageLayout;
  if (layout === undefined) throw new Error(`The compiler was not asked for the layout of ${name}.`);
  const tell = ({ slot, offset, label, type }: Field): string =>
    `${slot}:${offset} ${label} ${layout.types[type]?.label ?? "?"}`;
  const structs = Object.values(layout.types).flatMap(({ label, members }): [string, string[]][] =>
    members === undefined ? [] : [[label, members.map(tell)]],
  );
  return { fields: layout.storage.map(tell), structs };
}
