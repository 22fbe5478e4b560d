export { BigRandom } from "../../scripts/vectors/big-random.ts";
