import { MaxUint256 } from "ethers";

import { listingOn } from "../../sdk/src/math/book-prices.ts";
import { valueDown } from "../../sdk/src/math/health-math.ts";
import { debtOf } from "../../sdk/src/math/loan-lens.ts";
import { lines } from "../../sdk/src/math/loan-lines.ts";
import type { Loan } from "../../sdk/src/types.ts";
import { LOAN_ASSET } from "./assets.ts";
import type { BookState } from "./book-state.ts";
import { CUSHION, delay, NEXT_LOOK, type PlannedBorrower } from "./borrower-plan.ts";
import type { CallLog } from "./call-log.ts";
import { word, type Receipt } from "./chain.ts";
import type { Cure, MarginCall, OpenedLoan } from "./ledger.ts";
import { fund, type Stage } from "./market.ts";
import { Random } from "./random.ts";

type Remedy = Pick<Cure, "by" | "asset" | "amount" | "value">;

/** An owner, with what it does next. */
interface Owner {
  readonly plan: PlannedBorrower;
  readonly random: Random;
  /** The call that it knows of, and when it looks at its loan. */
  call: MarginCall | undefined;
  looksAt: number;
}

/** The owners at work: those who watch cure their loans some time after they were called, as the lens says. */
export class Borrowers {
  public readonly cures: Cure[] = [];
  readonly #stage: Stage;
  readonly #book: BookState;
  readonly #calls: CallLog;
  readonly #owners: ReadonlyMap<bigint, Owner>;

  /** @param plans In the order of the loans. */
  public constructor(
    stage: Stage,
    book: BookState,
    calls: CallLog,
    loans: readonly OpenedLoan[],
    plans: readonly PlannedBorrower[],
  ) {
    this.#stage = stage;
    this.#book = book;
    this.#calls = calls;
    this.#owners = new Map(
      loans.flatMap(({ id }, i) => {
        const plan = plans[i];
        return plan?.isWatching !== true
          ? []
          : [[id, { plan, random: new Random(plan.seed), call: undefined, looksAt: 0 }] as const];
      }),
    );
  }

  /**
   * Lets every owner act whose time comes before `time`, each at its own.
   * @returns Whether anybody did anything.
   */
  public async actBefore(time: number): Promise<boolean> {
    let hasActed = false;
    this.#learn();
    for (let next = this.#next(time); next !== undefined; next = this.#next(time)) {
      const [id, owner] = next;
      await this.#stage.chain.setTime(owner.looksAt);
      await this.#stage.chain.mine();
      await this.#book.refresh();
      const loan = this.#book.loan(id);
      if (debtOf(this.#book, loan) > lines(loan.pledges, this.#book.board).borrowLimit) await this.#cure(loan, owner);
      else await this.#clear(loan);
      owner.looksAt += NEXT_LOOK;
      hasActed = true;
    }
    return hasActed;
  }

  /** Owners hear of new calls, and each takes its time. */
  #learn(): void {
    for (const [id, call] of this.#calls.standing) {
      const owner = this.#owners.get(id);
      if (owner === undefined || owner.call === call) continue;
      [owner.call, owner.looksAt] = [call, call.calledAt + delay(owner.random)];
    }
  }

  /** Who looks next, before `time`, at a loan whose call stands. */
  #next(time: number): readonly [bigint, Owner] | undefined {
    let next: readonly [bigint, Owner] | undefined;
    for (const id of this.#calls.standing.keys()) {
      const owner = this.#owners.get(id);
      // An owner who takes no time at all is still not before the round that it was called in.
      if (owner !== undefined && owner.looksAt < Math.min(time, next?.[1].looksAt ?? Infinity)) next = [id, owner];
    }
    return next;
  }

  /** Between the lines the lens asks for nothing, and the cushion alone may not end the call: then the owner looks again. */
  async #cure(loan: Loan, owner: Owner): Promise<void> {
    const { chain, lens, market } = this.#stage;
    const isAbove = debtOf(this.#book, loan) > lines(loan.pledges, this.#book.board).callLine;
    const { repayment, additions } = await lens.amountToCure(market.bookAddress, loan.id);
    const isRepaying = owner.plan.curesBy === "repaying";
    const cure = isRepaying ? await this.#repay(loan, repayment) : await this.#pledge(loan, additions);
    const { calledAt, loan: number } = owner.call ?? { calledAt: chain.time, loan: 0 };
    await this.#book.refresh();
    if (isAbove && this.#book.loan(loan.id).call !== undefined) {
      throw new Error(`Loan ${String(number)} was cured as the lens says, but its call stands.`);
    }
    this.cures.push({ time: chain.time, loan: number, delay: chain.time - calledAt, ...cure });
    this.#calls.acted(loan.id, "cured");
  }

  /** The price has brought the loan back: the owner ends the call, so that another one gives all the time again. */
  async #clear({ id }: Loan): Promise<void> {
    const { chain, market } = this.#stage;
    const data = market.book.interface.encodeFunctionData("clearMarginCall", [id]);
    await chain.send({ from: ownerOf(id), to: market.bookAddress, data });
    await this.#book.refresh();
    this.#calls.acted(id, "recovered");
  }

  async #repay(loan: Loan, needed: bigint): Promise<Remedy> {
    const debt = debtOf(this.#book, loan);
    const amount = needed + (debt * CUSHION) / 100n;
    // A debt that would be too small to stay is repaid whole.
    const isWhole = amount + this.#book.minDebt >= debt;
    const { interface: book } = this.#stage.market.book;
    const data = book.encodeFunctionData("repay", [loan.id, isWhole ? MaxUint256 : amount]);
    const receipt = await this.#send(loan, LOAN_ASSET, 2n * debt, data);
    const log = receipt.logs.find(({ topics }) => topics[0] === book.getEvent("Repaid").topicHash);
    if (log === undefined) throw new Error("A repayment left no event.");
    const paid = word(log.data, 0);
    return { by: "repaying", asset: LOAN_ASSET, amount: paid, value: paid };
  }

  /** Adds to the pledge that is worth most. */
  async #pledge(loan: Loan, additions: readonly { listing: bigint; amount: bigint }[]): Promise<Remedy> {
    const valueOf = (listing: number, tokens: bigint) =>
      valueDown(tokens, listingOn(this.#book.board, listing).prices.forLiquidation);
    const [largest] = [...loan.pledges].sort(([a, x], [b, y]) => (valueOf(a, x) > valueOf(b, y) ? -1 : 1));
    const [listing, pledged] = largest ?? [0, 0n];
    const needed = additions.find((addition) => addition.listing === BigInt(listing))?.amount ?? 0n;
    const amount = needed + (pledged * CUSHION) / 100n;
    const data = this.#stage.market.book.interface.encodeFunctionData("pledge", [loan.id, listing, amount]);
    const { asset } = this.#book.listing(listing);
    await this.#send(loan, asset, amount, data);
    return { by: "pledging", asset, amount, value: valueOf(listing, amount) };
  }

  /** From the owner's account, with tokens that it has from elsewhere. */
  async #send(loan: Loan, symbol: string, tokens: bigint, data: string): Promise<Receipt> {
    const { chain, market } = this.#stage;
    const from = ownerOf(loan.id);
    await fund(this.#stage, symbol, from, tokens, market.bookAddress);
    return chain.send({ from, to: market.bookAddress, data });
  }
}

function ownerOf(id: bigint): string {
  return "0x" + (id >> 96n).toString(16).padStart(40, "0");
}
