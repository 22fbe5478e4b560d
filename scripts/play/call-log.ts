import { debtOf, marginCallOf } from "../../sdk/src/math/loan-lens.ts";
import { lines } from "../../sdk/src/math/loan-lines.ts";
import type { Loan } from "../../sdk/src/types.ts";
import type { BookState } from "./book-state.ts";
import type { CallEnd, MarginCall, TrackPoint } from "./ledger.ts";

/** A loan's standing is noted again once its LTV has moved this far. */
const STEP = 0.002;

/** A call as long as it is being written. */
type OpenCall = { -readonly [Key in keyof MarginCall]: MarginCall[Key] } & { readonly track: TrackPoint[] };

/** Keeps a record of every margin call: when it was made, where its loan stood meanwhile, and how it ended. */
export class CallLog {
  readonly #book: BookState;
  readonly #numbers: ReadonlyMap<bigint, number>;
  readonly #calls: OpenCall[] = [];
  readonly #standing = new Map<bigint, OpenCall>();

  /** @param ids The loans' ids in the order of their numbers. */
  public constructor(book: BookState, ids: readonly bigint[]) {
    this.#book = book;
    this.#numbers = new Map(ids.map((id, i) => [id, i + 1]));
  }

  /** Every call, in the order in which they were made. */
  public get calls(): readonly MarginCall[] {
    return this.#calls;
  }

  /** The calls that stand and have not lapsed, by the loan's id. */
  public get standing(): ReadonlyMap<bigint, MarginCall> {
    return this.#standing;
  }

  /** Notes that a loan was called, as the book now says. */
  public begin(loan: Loan): void {
    const number = this.#numbers.get(loan.id) ?? 0;
    const made = marginCallOf(this.#book.board, loan);
    if (made === undefined) throw new Error(`Loan ${String(number)} was called, but no call stands.`);
    const call: OpenCall = {
      loan: number,
      ...{ calledAt: Number(made.calledAt), deadline: Number(made.deadline), lapse: Number(made.lapse) },
      ...{ end: "standing", endedAt: undefined, track: [] },
    };
    this.#calls.push(call);
    this.#standing.set(loan.id, call);
    this.#note(call, loan, true);
  }

  /** Notes what was done to a loan, which ended its call if none stands any more. The book has been refreshed since. */
  public acted(id: bigint, end: CallEnd): void {
    const call = this.#standing.get(id);
    if (call === undefined) return;
    const loan = this.#book.loan(id);
    this.#note(call, loan, true);
    if (loan.call === undefined) this.#end(id, call, end, this.#book.time);
  }

  /** Notes where the called loans stand, and which calls have lapsed. The book's state must be fresh. */
  public watch(): void {
    for (const [id, call] of this.#standing) {
      this.#note(call, this.#book.loan(id), false);
      if (this.#book.time >= call.lapse) this.#end(id, call, "lapsed", call.lapse);
    }
  }

  #end(id: bigint, call: OpenCall, end: CallEnd, time: number): void {
    [call.end, call.endedAt] = [end, time];
    this.#standing.delete(id);
  }

  #note(call: OpenCall, loan: Loan, isEvent: boolean): void {
    const { value, callLine, liquidationLine } = lines(loan.pledges, this.#book.board);
    if (value === 0n) return; // all of it was sold
    const shareOf = (amount: bigint) => Number(amount) / Number(value);
    const ltv = shareOf(debtOf(this.#book, loan));
    const before = call.track.at(-1);
    if (!isEvent && before !== undefined && Math.abs(ltv - before.ltv) < STEP) return;
    call.track.push({
      time: this.#book.time,
      ltv,
      callLtv: shareOf(callLine),
      liquidationLtv: shareOf(liquidationLine),
    });
  }
}
