import { min, saturatingSub } from "../../sdk/src/math/amounts.ts";
import { listingOn } from "../../sdk/src/math/book-prices.ts";
import { valueDown } from "../../sdk/src/math/health-math.ts";
import { debtOf } from "../../sdk/src/math/loan-lens.ts";
import { lines } from "../../sdk/src/math/loan-lines.ts";
import type { Loan } from "../../sdk/src/types.ts";
import type { BookState } from "./book-state.ts";
import type { CallLog } from "./call-log.ts";
import { word, type Receipt } from "./chain.ts";
import { bestOrder, worthlessLoan, type Order, type Situation } from "./keeper.ts";
import type { Liquidation, WriteOff } from "./ledger.ts";
import type { Stage } from "./market.ts";
import type { MarketPrices } from "./prices.ts";
import { MarketDepth, SLIPPAGE_ONE } from "./slippage.ts";

/** Gas that the first liquidation is expected to use; from then on, what the last one did. */
const FIRST_GAS = 300_000n;

const DATA_NONE = "0x";

/**
 * The keeper at work: after each round it takes what pays, the most profitable first, with real transactions. What it sells
 * is accounted: the market's price less slippage.
 */
export class Liquidator {
  public readonly liquidations: Liquidation[] = [];
  public readonly writeOffs: WriteOff[] = [];
  readonly #stage: Stage;
  readonly #book: BookState;
  readonly #prices: MarketPrices;
  readonly #calls: CallLog;
  readonly #depth: MarketDepth;
  readonly #numbers: ReadonlyMap<bigint, number>;
  readonly #liquidatedTopic: string;
  #expectedGas = FIRST_GAS;

  /** @param ids The loans' ids in the order of their numbers. */
  public constructor(stage: Stage, book: BookState, prices: MarketPrices, calls: CallLog, ids: readonly bigint[]) {
    this.#stage = stage;
    this.#book = book;
    this.#prices = prices;
    this.#calls = calls;
    this.#depth = new MarketDepth((asset, time) => prices.usd(asset, time));
    this.#numbers = new Map(ids.map((id, i) => [id, i + 1]));
    this.#liquidatedTopic = stage.market.book.interface.getEvent("Liquidated").topicHash;
  }

  /**
   * Does all that pays now. The book's state must be fresh.
   * @returns Whether there was anything to do.
   */
  public async act(): Promise<boolean> {
    const before = this.liquidations.length + this.writeOffs.length;
    for (let order = bestOrder(this.#situation()); order !== undefined; order = bestOrder(this.#situation())) {
      await this.#liquidate(order);
    }
    const isWorthless = () => worthlessLoan(this.#situation());
    for (let loan = isWorthless(); loan !== undefined; loan = isWorthless()) {
      await this.#writeOff(loan);
    }
    return this.liquidations.length + this.writeOffs.length > before;
  }

  #situation(): Situation {
    const { board, debtIndex, minDebt, time } = this.#book;
    return {
      ...{ board, debtIndex, minDebt },
      loans: this.#book.liquidatable(),
      gasCost: this.#prices.gasCost(this.#expectedGas, time),
      proceeds: (listing, tokens) => {
        const { value, slippage } = this.#sale(listing, tokens);
        return value - slippage;
      },
    };
  }

  async #liquidate(order: Order): Promise<void> {
    const { chain, market, roles } = this.#stage;
    const loan = this.#book.loan(order.id);
    const { value: pledgesValue } = lines(loan.pledges, this.#book.board);
    const debt = debtOf(this.#book, loan);
    const { id, listing, isSoft, repaid, seized: received, credit } = order;
    const seized = received + credit;
    const data = market.book.interface.encodeFunctionData("liquidate", [
      { id, listing, maxRepay: repaid, minSeized: received },
      DATA_NONE,
    ]);
    await this.#compareWithContract(order, data);
    const receipt = await chain.send({ from: roles.keeper, to: market.bookAddress, data });
    const { asset } = this.#book.listing(listing);
    const { value, slippage, usd } = this.#sale(listing, received);
    this.#depth.record(asset, usd, chain.time);
    this.#expectedGas = receipt.gasUsed;
    const gasCost = this.#prices.gasCost(receipt.gasUsed, chain.time);
    const price = listingOn(this.#book.board, listing).prices.forLiquidation;
    const [seizedValue, receivedValue] = [valueDown(seized, price), valueDown(received, price)];
    const [bonus, equity] = [seizedValue - repaid, saturatingSub(pledgesValue, debt)];
    this.liquidations.push({
      ...{ time: chain.time, loan: this.#number(id), asset, isSoft, repaid, seized, seizedValue, slippage, gasCost },
      ...{ credit, creditValue: seizedValue - receivedValue },
      gasUsed: receipt.gasUsed,
      ownerCost: min(bonus, equity),
      marketGap: value - receivedValue,
      profit: value - slippage - repaid - gasCost,
      writtenOff: this.#writtenOff(receipt, order),
      ltv: Number(debt) / Number(pledgesValue),
    });
    await this.#book.refresh();
    this.#calls.acted(id, "sold");
  }

  /** The keeper's mathematics, the SDK's, must say what the contract says, or the play would be about another protocol. */
  async #compareWithContract({ id, isSoft, repaid, seized }: Order, data: string): Promise<void> {
    const { chain, market, roles } = this.#stage;
    const loan = `${isSoft ? "soft" : "hard"} liquidation of loan ${String(this.#number(id))} at ${String(chain.time)}`;
    let said: string;
    try {
      said = await chain.call({ from: roles.keeper, to: market.bookAddress, data });
    } catch (error) {
      const refusal = error instanceof Error ? error.message : String(error);
      throw new Error(`The contract refused a ${loan} that the keeper expected: ${refusal}`);
    }
    if (word(said, 0) === repaid && word(said, 1) === seized) return;
    const contract = `${String(word(said, 0))} for ${String(word(said, 1))}`;
    throw new Error(
      `In the ${loan} the keeper expected ${String(repaid)} for ${String(seized)}, the contract ${contract}.`,
    );
  }

  async #writeOff(loan: Loan): Promise<void> {
    const { chain, market, roles } = this.#stage;
    const debt = debtOf(this.#book, loan);
    const { value } = lines(loan.pledges, this.#book.board);
    const data = market.book.interface.encodeFunctionData("writeOff", [loan.id]);
    const { gasUsed } = await chain.send({ from: roles.keeper, to: market.bookAddress, data });
    const gasCost = this.#prices.gasCost(gasUsed, chain.time);
    this.writeOffs.push({ time: chain.time, loan: this.#number(loan.id), debt, value, gasUsed, gasCost });
    await this.#book.refresh();
    this.#calls.acted(loan.id, "sold");
  }

  /** What tokens are worth on the market, and what selling them would cost. */
  #sale(listing: number, tokens: bigint): { readonly value: bigint; readonly slippage: bigint; readonly usd: number } {
    const { asset, decimals } = this.#book.listing(listing);
    const time = this.#stage.chain.time;
    const value = this.#prices.value(asset, tokens, decimals, time);
    const usd = this.#prices.inUsd(value, time);
    const slippage = (value * this.#depth.slippage(asset, usd, time)) / SLIPPAGE_ONE;
    return { value, slippage, usd };
  }

  /** What the event `Liquidated(…, repaid, seized, writtenOff, isSoft)` says was lost; the rest of it must be as expected. */
  #writtenOff(receipt: Receipt, { repaid, seized, credit, isSoft }: Order): bigint {
    const log = receipt.logs.find(({ topics }) => topics[0] === this.#liquidatedTopic);
    if (log === undefined) throw new Error("A liquidation left no event.");
    const isSame = word(log.data, 0) === repaid && word(log.data, 1) === seized + credit;
    if (isSame && word(log.data, 3) === (isSoft ? 1n : 0n)) return word(log.data, 2);
    throw new Error(`A liquidation's event is not what was expected: ${log.data}`);
  }

  #number(id: bigint): number {
    return this.#numbers.get(id) ?? 0;
  }
}
