/**
 * e^x, bit for bit as the contracts reckon it. Algorithm and constants are those of `expWad` in Solady's FixedPointMathLib (MIT,
 * https://github.com/Vectorized/solady), which credits Remco Bloemen (MIT, https://2π.com/22/exp-ln): a more exact series would differ
 * from the contracts in the last digits. Solidity's division and shifts of signed numbers are those of `bigint`.
 */
import { InvalidInputError } from "../errors/invalid-input.ts";

/** From here down e^x is below half of 1e-18. [WAD] */
const ZERO_UP_TO = -41446531673892822313n;

/** From here up e^x × 1e18 does not fit an int256. [WAD] */
const TOO_LARGE_FROM = 135305999368893231589n;

/** ln 2 × 2^96. */
const LN_2 = 54916777467707473351141471128n;

/**
 * `FixedPointMathLib.expWad`: e^x, an approximation that never falls as x rises.
 * @param x Negative or not. [WAD]
 * @returns e^x. [WAD], 0 where it is below half a unit.
 * @throws {@link InvalidInputError} where the result would not fit an int256.
 */
export function expWad(x: bigint): bigint {
  // Callers without types bring numbers and strings.
  if (typeof (x as unknown) !== "bigint" || x >= TOO_LARGE_FROM) {
    throw new InvalidInputError("x", x, `a bigint below ${TOO_LARGE_FROM}`);
  }
  if (x <= ZERO_UP_TO) return 0n;

  // x = k ln 2 + rest, both [2^96]: e^x is 2^k × e^rest, with the rest between -ln 2 / 2 and ln 2 / 2.
  const binary = (x << 78n) / 5n ** 18n;
  const k = ((binary << 96n) / LN_2 + 2n ** 95n) >> 96n;
  const rest = binary - k * LN_2;

  // e^rest as a quotient of two polynomials, of the degrees 6 and 7.
  let y = rest + 1346386616545796478920950773328n;
  y = ((y * rest) >> 96n) + 57155421227552351082224309758442n;
  let p = y + rest - 94201549194550492254356042504812n;
  p = ((p * y) >> 96n) + 28719021644029726153956944680412240n;
  p = p * rest + (4385272521454847904659076985693276n << 96n);

  let q = rest - 2855989394907223263936484059900n;
  q = ((q * rest) >> 96n) + 50020603652535783019961831881945n;
  q = ((q * rest) >> 96n) - 533845033583426703283633433725380n;
  q = ((q * rest) >> 96n) + 3604857256930695427073651918091429n;
  q = ((q * rest) >> 96n) - 14423608567350463180887372962807573n;
  q = ((q * rest) >> 96n) + 26449188498355588339934803723976023n;

  // One factor for the polynomials' scale and for [2^96] to [WAD].
  return ((p / q) * 3822833074963236453042738258902158003155416615667n) >> (195n - k);
}
