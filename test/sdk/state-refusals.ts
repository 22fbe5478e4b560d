import { expect } from "chai";
import { Interface, ZeroAddress, zeroPadValue } from "ethers";

import { InvalidInputError } from "../../sdk/src/errors/invalid-input.ts";
import {
  InconsistentEventError,
  UnknownEventError,
  UnknownListingError,
  UnknownLoanError,
} from "../../sdk/src/errors/state-errors.ts";
import { accrued } from "../../sdk/src/math/vault.ts";
import { decoder } from "../../sdk/src/state/decode.ts";
import type { MarketEvent } from "../../sdk/src/state/events.ts";
import { MarketHistory, type Block } from "../../sdk/src/state/market-history.ts";
import { requireEvent, type RawEvent } from "../../sdk/src/state/require-event.ts";
import { DAY, networkHelpers } from "../helpers/chain.ts";
import { openLoan, standardMarket, usdc, waitWithLiveFeeds, WETH, weth, type Market } from "../helpers/market.ts";
import { blocksOf, frozen } from "../helpers/state-history.ts";

const ID = 2n ** 200n;
const SOMEBODY = "0x00000000000000000000000000000000000000AA";

const pledged = (args: object): RawEvent => {
  return { contract: "book", name: "Pledged", args: { id: ID, listing: 0, payer: SOMEBODY, amount: 1n, ...args } };
};

async function withLoan(): Promise<Market> {
  const market = await standardMarket();
  await openLoan(market, { pledges: [[WETH, weth("10")]], amount: usdc("9,000") });
  await waitWithLiveFeeds(market, DAY);
  return market;
}

describe("What is no event of a market", () => {
  for (const [what, event] of [
    ["another name", { contract: "vault", name: "Minted", args: {} }],
    ["a name of every object", { contract: "vault", name: "toString", args: {} }],
    ["the other contract's event", { contract: "vault", name: "Borrowed", args: {} }],
    ["another contract", { contract: "lens", name: "Deposit", args: {} }],
  ] as const) {
    it(`is refused: ${what}`, () => {
      expect(() => requireEvent(event))
        .to.throw(UnknownEventError)
        .with.property("event", event.name);
    });
  }

  for (const [field, args] of [
    ["Pledged.amount", { amount: 1 }],
    ["Pledged.amount", { amount: -1n }],
    ["Pledged.amount", { amount: 2n ** 256n }],
    ["Pledged.amount", { amount: undefined }],
    ["Pledged.listing", { listing: 0n }],
    ["Pledged.listing", { listing: 40 }],
    ["Pledged.listing", { listing: -1 }],
    ["Pledged.listing", { listing: Number.NaN }],
    ["Pledged.payer", { payer: "0xAA" }],
    ["Pledged.payer", { payer: 7n }],
  ] as const) {
    it(`is refused: ${field} as ${String(Object.values(args)[0])} (${typeof Object.values(args)[0]})`, () => {
      expect(() => requireEvent(pledged(args)))
        .to.throw(InvalidInputError)
        .with.property("field", field);
    });
  }

  it("is refused: flags, feeds and terms that are none", () => {
    const feed = { feed: SOMEBODY, maxAge: 1n, minAnswer: 1n, maxAnswer: 2n };
    for (const [name, args, field] of [
      ["AuthorizationSet", { owner: SOMEBODY, operator: SOMEBODY, isAuthorized: 1 }, "isAuthorized"],
      ["LoanAssetFeedSet", { feed: SOMEBODY, peg: 0n }, "feed"],
      ["LoanAssetFeedSet", { feed: { ...feed, feed: 0n }, peg: 0n }, "feed.feed"],
      ["LoanAssetFeedSet", { feed: { ...feed, maxAge: 1 }, peg: 0n }, "feed.maxAge"],
      ["ListingAdded", { listing: 0, token: SOMEBODY, terms: { borrowLtv: 1n } }, "terms.callLtv"],
      ["Executed", { id: "0x1" }, "id"],
    ] as const) {
      const refused = () => requireEvent({ contract: "book", name, args });
      expect(refused).to.throw(InvalidInputError).with.property("field", `${name}.${field}`);
    }
  });

  it("is refused as a log: another address, another topic, taken back", async () => {
    const { vault, book } = await networkHelpers.loadFixture(withLoan);
    const emitters = [vault, book].map(async (contract) => {
      return { address: await contract.getAddress(), interface: contract.interface };
    });
    const [first, second] = await Promise.all(emitters);
    if (first === undefined || second === undefined) throw new Error("There are two contracts.");
    const decode = decoder({ vault: first, book: second });
    const strange = new Interface(["event Strange(uint256 value)"]).encodeEventLog("Strange", [1n]);
    expect(() => decode({ address: ZeroAddress, ...strange }))
      .to.throw(InvalidInputError)
      .with.property("field", "address");
    expect(() => decode({ address: second.address, ...strange }))
      .to.throw(UnknownEventError)
      .with.property("event", strange.topics[0]);
    expect(() => decode({ address: second.address, ...strange, removed: true }))
      .to.throw(InvalidInputError, "undo the block")
      .with.property("field", "removed");
  });
});

describe("Logs that do not follow from those before", () => {
  let blocks: Block[];

  before(async () => (blocks = await blocksOf(await networkHelpers.loadFixture(withLoan))));

  /** Applies one more block with an event, and says what became of it. */
  function after(event: MarketEvent, known = blocks): () => void {
    const history = new MarketHistory();
    for (const block of known) history.applyBlock(block);
    const { head } = history;
    if (head === undefined) throw new Error("There are blocks.");
    const pause: MarketEvent = { contract: "vault", name: "PauseSet", args: { activity: 1, until: 7n } };
    const before = frozen(history.state);
    return () => {
      const hash = zeroPadValue("0x01", 32);
      const next = { number: head.number + 1, hash, parentHash: head.hash, time: head.time + 10n };
      try {
        history.applyBlock({ ...next, logs: [pause, event] });
      } finally {
        expect(frozen(history.state)).to.deep.equal(before); // not even the pause is left
        expect(history.head).to.equal(head);
      }
    };
  }

  const id = (): bigint => {
    for (const { logs } of blocks) for (const log of logs) if (log.name === "Borrowed") return log.args.id;
    throw new Error("Somebody has borrowed.");
  };

  it("are refused for unknown loans", () => {
    const [caller, payer] = [SOMEBODY, SOMEBODY];
    const events: MarketEvent[] = [
      { contract: "book", name: "Repaid", args: { id: ID, payer, amount: 1n } },
      { contract: "book", name: "Rolled", args: { id: ID, caller } },
      { contract: "book", name: "MarginCalled", args: { id: ID, caller, deadline: 1n } },
      { contract: "book", name: "MarginCallCleared", args: { id: ID } },
      { contract: "book", name: "ReleaseFailed", args: { id: ID, listing: 0, amount: 1n } },
      { contract: "book", name: "WrittenOff", args: { id: ID, taker: SOMEBODY, debt: 1n } },
    ];
    for (const event of events) expect(after(event)).to.throw(UnknownLoanError).with.property("id", ID);
  });

  it("are refused for unknown listings", () => {
    const events: MarketEvent[] = [
      { contract: "book", name: "CapChanged", args: { listing: 3, cap: 1n } },
      { contract: "book", name: "Retired", args: { listing: 3 } },
      { contract: "book", name: "Pledged", args: { id: id(), listing: 3, payer: SOMEBODY, amount: 1n } },
    ];
    for (const event of events) expect(after(event)).to.throw(UnknownListingError).with.property("listing", 3);
  });

  it("are refused where they tell other figures", () => {
    const [receiver, owner, sender] = [SOMEBODY, SOMEBODY, SOMEBODY];
    const events: MarketEvent[] = [
      { contract: "vault", name: "Accrued", args: { index: 10n ** 18n } },
      { contract: "vault", name: "Withdraw", args: { sender, receiver, owner, assets: usdc("991,001"), shares: 0n } },
      { contract: "vault", name: "LossBooked", args: { loss: usdc("1,000"), fromReserves: usdc("1,000") } },
      { contract: "vault", name: "Transfer", args: { from: SOMEBODY, to: SOMEBODY, value: 1n } },
      { contract: "book", name: "Repaid", args: { id: id(), payer: SOMEBODY, amount: usdc("9,010") } },
      { contract: "book", name: "Released", args: { id: id(), listing: 0, receiver, amount: weth("10") + 1n } },
      { contract: "book", name: "WrittenOff", args: { id: id(), taker: SOMEBODY, debt: usdc("9,000") } },
      { contract: "book", name: "CreditClaimed", args: { caller: SOMEBODY, listing: 0, receiver, amount: 1n } },
    ];
    for (const event of events) expect(after(event)).to.throw(InconsistentEventError);
  });

  it("are noticed where a log is missing: the index is another one", () => {
    const without = blocks.map((block) => ({ ...block, logs: block.logs.filter(({ name }) => name !== "Borrowed") }));
    const whole = new MarketHistory();
    for (const block of blocks) whole.applyBlock(block);
    const time = (whole.head?.time ?? 0n) + 10n;
    const { index } = accrued(whole.state.vault, time);
    const told: MarketEvent = { contract: "vault", name: "Accrued", args: { index } };
    expect(after(told, without)).to.throw(InconsistentEventError).with.property("told", index);

    const [number, parentHash] = [(whole.head?.number ?? 0) + 1, whole.head?.hash ?? ""];
    whole.applyBlock({ number, hash: zeroPadValue("0x01", 32), parentHash, time, logs: [told] });
    expect(whole.state.vault.index).to.equal(index);
  });

  it("are refused in blocks that are none", () => {
    const [first] = blocks;
    if (first === undefined) throw new Error("There are blocks.");
    const history = new MarketHistory();
    for (const [field, value] of [
      ["number", -1],
      ["number", 0.5],
      ["hash", "0x12"],
      ["parentHash", `0x${"g".repeat(64)}`],
      ["time", -1n],
      ["time", 2n ** 32n],
    ] as const) {
      expect(() => history.applyBlock({ ...first, [field]: value }))
        .to.throw(InvalidInputError)
        .with.property("field", field);
    }
    history.applyBlock(first);
    const earlier = { ...first, number: first.number + 1, parentHash: first.hash, time: first.time - 1n };
    expect(() => history.applyBlock(earlier))
      .to.throw(InvalidInputError)
      .with.property("field", "time");
    expect(() => new MarketHistory({ depth: 1.5 }))
      .to.throw(InvalidInputError)
      .with.property("field", "depth");
  });
});
