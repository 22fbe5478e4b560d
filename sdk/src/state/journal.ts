/** State that can be taken back: every change records its inverse, so that undoing a block costs what applying it did. */

/** The inverses of some changes, oldest first. */
export type Inverses = readonly (() => void)[];

/** Collects the inverses of changes, in order. */
export class Journal {
  private inverses: (() => void)[] = [];

  public record(inverse: () => void): void {
    this.inverses.push(inverse);
  }

  /** Hands over what was recorded since it was last asked. */
  public take(): Inverses {
    const taken = this.inverses;
    this.inverses = [];
    return taken;
  }
}

/** Takes changes back, the last one first. */
export function undo(inverses: Inverses): void {
  for (const inverse of inverses.toReversed()) inverse();
}

/** A value whose changes are recorded. What it holds is never changed in place. */
export class JournaledValue<Value> {
  public constructor(
    private readonly journal: Journal,
    private value: Value,
  ) {}

  public get(): Value {
    return this.value;
  }

  public set(value: Value): void {
    const before = this.value;
    this.journal.record(() => (this.value = before));
    this.value = value;
  }
}

/** A map whose changes are recorded. Its values are never changed in place. */
export class JournaledMap<Key, Value> extends Map<Key, Value> {
  public constructor(private readonly journal: Journal) {
    super();
  }

  public override set(key: Key, value: Value): this {
    this.recordInverse(key);
    return super.set(key, value);
  }

  public override delete(key: Key): boolean {
    this.recordInverse(key);
    return super.delete(key);
  }

  private recordInverse(key: Key): void {
    const before = this.get(key);
    // No value is undefined: what is not there was not there.
    this.journal.record(before === undefined ? () => super.delete(key) : () => super.set(key, before));
  }
}
