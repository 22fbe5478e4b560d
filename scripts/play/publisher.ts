import type { Asset } from "./assets.ts";
import { observations, priceAt, type PriceSeries, type Window } from "./price-series.ts";
import { rateRounds } from "./rates.ts";

/** When a price network publishes a round. */
export interface PublishingRule {
  /** It does when the price is this far from the last answer. [bps] */
  readonly deviation: bigint;
  /** And when the last round is this old. [s] */
  readonly heartbeat: number;
}

/** An answer to publish. */
export interface Round {
  /** The asset whose feed it is, or the name of the feed of a rate. */
  readonly asset: Asset;
  readonly time: number;
  /** [1e-8 USD], or the decimals of a rate */
  readonly answer: bigint;
}

const DOLLARS: ReadonlySet<Asset> = new Set(["USDC", "USDT", "DAI"]);

export function isDollar(asset: Asset): boolean {
  return DOLLARS.has(asset);
}

/** As the real networks do: 0.5 % or an hour for volatile assets, 0.25 % or just under a day for dollars. */
export function ruleOf(asset: Asset): PublishingRule {
  return isDollar(asset) ? { deviation: 25n, heartbeat: 82_800 } : { deviation: 50n, heartbeat: 3_600 };
}

/** The rounds of one asset: the first at the window's start, then whenever the rule says. */
export function* roundsOf(series: PriceSeries, window: Window, rule: PublishingRule): Generator<Round> {
  const asset = series.asset;
  let seen = priceAt(series, window.start);
  let last: Round = { asset, time: window.start, answer: seen };
  yield last;
  for (const { time, price } of observations(series, window)) {
    for (const beat of heartbeats(last, time, seen, rule)) yield (last = beat);
    seen = price;
    if (deviates(price, last.answer, rule)) yield (last = { asset, time, answer: price });
  }
  for (const beat of heartbeats(last, window.end, seen, rule)) yield (last = beat);
}

/** The rounds of all feeds in order of time; at the same second in the order of the series. */
export function allRounds(series: readonly PriceSeries[], window: Window): Round[] {
  const rounds = series.flatMap((one) => {
    // A product has no feed that publishes it: that of its rate does, and that of the other asset.
    if (one.rate === undefined) return [...roundsOf(one, window, ruleOf(one.asset))];
    const asset = one.rate.feed;
    return rateRounds(one.rate, window).map((round) => ({ asset, ...round }));
  });
  return rounds.sort((a, b) => a.time - b.time); // stable
}

/** Rounds that fall due before `until` because nothing happened for so long. */
function* heartbeats(last: Round, until: number, seen: bigint, rule: PublishingRule): Generator<Round> {
  for (let time = last.time + rule.heartbeat; time < until; time += rule.heartbeat) {
    yield { asset: last.asset, time, answer: seen };
  }
}

function deviates(price: bigint, answer: bigint, rule: PublishingRule): boolean {
  const difference = price > answer ? price - answer : answer - price;
  return difference * 10_000n >= rule.deviation * answer;
}
