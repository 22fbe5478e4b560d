import { formatUnits } from "ethers";

/** What figures of a token are called and how many decimals they have. */
export interface TokenLabel {
  /** As it stands behind amounts. */
  readonly symbol: string;
  /** How many digits of an amount stand behind the point. */
  readonly decimals: number;
}

/** The tokens of a market, by which sentences write their figures; an address book's market is one. */
export interface MarketLabels {
  /** What is lent. */
  readonly loanAsset: TokenLabel;
  /** A listing's number is its place. */
  readonly listings: readonly TokenLabel[];
}

/** The last second that a JavaScript date can tell. */
const LAST_DATE = 8_640_000_000_000n;

const ACTIVITIES: readonly string[] = ["depositing", "borrowing", "flash loans"];

/** Puts figures into words. Without labels, amounts are in base units. */
export class Wording {
  readonly #labels: MarketLabels | undefined;

  public constructor(labels?: MarketLabels) {
    this.#labels = labels;
  }

  /** An amount of the loan asset. */
  public asset(amount: bigint): string {
    return amountOf(amount, this.#labels?.loanAsset, "base units of the loan asset");
  }

  /** An amount of a listing's token. */
  public token(listing: bigint, amount: bigint): string {
    return amountOf(amount, this.#label(listing), `base units of listing ${listing}'s token`);
  }

  public listing(listing: bigint): string {
    const label = this.#label(listing);
    return label === undefined ? `listing ${listing}` : `${label.symbol} (listing ${listing})`;
  }

  /** A loan by its owner and number, which are what its id is made of. */
  public loan(id: bigint): string {
    const owner = (id >> 96n).toString(16).padStart(40, "0");
    return `loan ${id & (2n ** 96n - 1n)} of 0x${owner}`;
  }

  /** A time. Unix seconds that no date has are written as they are. */
  public time(seconds: bigint): string {
    if (seconds > LAST_DATE) return `second ${seconds}`;
    return new Date(Number(seconds) * 1000).toISOString().replace("T", " ").replace(".000Z", " UTC");
  }

  /** A length of time, in the largest units that it is whole in. */
  public duration(seconds: bigint): string {
    const parts = [
      [seconds / 86_400n, "d"],
      [(seconds / 3_600n) % 24n, "h"],
      [(seconds / 60n) % 60n, "min"],
      [seconds % 60n, "s"],
    ] as const;
    const shown = parts.filter(([count]) => count !== 0n).map(([count, unit]) => `${count} ${unit}`);
    return shown.length === 0 ? "0 s" : shown.join(" ");
  }

  /** A rate of a term. [1e-9/year] */
  public rate(rate: bigint): string {
    return `${trimmed(formatUnits(rate, 7))} % a year`;
  }

  /** A share. [bps] */
  public share(share: bigint): string {
    return `${trimmed(formatUnits(share, 2))} %`;
  }

  /** An activity of the vault that can be paused. `ILenderVault.Activity` */
  public activity(activity: bigint): string {
    return ACTIVITIES[Number(activity)] ?? `activity ${activity}`;
  }

  #label(listing: bigint): TokenLabel | undefined {
    return this.#labels?.listings[Number(listing)];
  }
}

function amountOf(amount: bigint, label: TokenLabel | undefined, otherwise: string): string {
  return label === undefined
    ? `${amount} ${otherwise}`
    : `${trimmed(formatUnits(amount, label.decimals))} ${label.symbol}`;
}

/** `formatUnits` leaves one zero behind the point. */
function trimmed(decimal: string): string {
  return decimal.replace(/\.0$/, "");
}
