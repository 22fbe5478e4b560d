/** Parties that try many plans from the same state: one read does what hundreds of transactions and snapshots would. */
import type { BaseContract, ContractTransactionResponse } from "ethers";

import { LenderVault__factory, LoanBook__factory } from "../../typechain-types/index.ts";
import { ethers } from "./chain.ts";
import { deployMock } from "./mocks.ts";

/** A call, encoded. */
export interface Step {
  target: string;
  data: string;
}

/** What the steps of a plan returned, or the error that one of them reverted with. */
export interface End {
  returned: bigint[][];
  refusal: string | undefined;
}

/** A contract that takes steps: contracts/mocks/Probe.sol. */
export interface Party {
  address: string;
  perform: (plan: Step[]) => Promise<ContractTransactionResponse>;
  /** The call that makes this party take a step. */
  takes: (contract: BaseContract, method: string, args?: readonly unknown[]) => Step;
  /** Takes the steps of `setting` and from there tries each plan. What comes back is kept encoded: it can be compared as it is. */
  attempt: (setting: Step[], plans: Step[][]) => Promise<string>;
}

interface ProbeContract extends BaseContract {
  perform: (plan: Step[]) => Promise<ContractTransactionResponse>;
}

const AMPLE_GAS = "0xf00000"; // below what a transaction may use

/** A call by nobody in particular. */
export function step(contract: BaseContract, method: string, args: readonly unknown[] = []): Step {
  if (typeof contract.target !== "string") throw new TypeError(`Where ${method} is called has no address yet.`);
  return { target: contract.target, data: contract.interface.encodeFunctionData(method, args) };
}

/** A party without anything. */
export async function deployParty(): Promise<Party> {
  const probe = await deployMock<ProbeContract>("Probe");
  const address = await probe.getAddress();
  const encode = (method: string, args: unknown[]): string => probe.interface.encodeFunctionData(method, args);
  return {
    address,
    perform: async (plan) => probe.perform(plan),
    takes: (contract, method, args) => {
      const { target, data } = step(contract, method, args);
      return { target: address, data: encode("relay", [target, data]) };
    },
    attempt: async (setting, plans) => {
      const call = { to: address, data: encode("attempt", [setting, plans]), gas: AMPLE_GAS };
      const answer: unknown = await ethers.provider.send("eth_call", [call, "latest"]);
      return String(answer);
    },
  };
}

/** How the plans of an attempt ended. Decoded by hand: ethers takes as long for it as the chain for the attempt. */
export function endsOf(answer: string): End[] {
  return byteStrings(answer.slice(2), 0).map((end) => {
    const tried = end.slice(8); // behind the error's selector
    const results = byteStrings(tried, 64);
    if (BigInt(`0x${tried.slice(0, 64)}`) === 0n) return { returned: [], refusal: errorOf(`0x${results[0] ?? ""}`) };
    return { returned: results.map(words), refusal: undefined };
  });
}

/** The members of a bytes[] whose place in `data` is told at `position`. All in hexadecimal digits, without a prefix. */
function byteStrings(data: string, position: number): string[] {
  const at = (digit: number): number => Number(`0x${data.slice(digit, digit + 64)}`);
  const start = 2 * at(position);
  return Array.from({ length: at(start) }, (_, n) => {
    const member = start + 64 + 2 * at(start + 64 + 64 * n);
    return data.slice(member + 64, member + 64 + 2 * at(member));
  });
}

/** An error with its values, as {@link endsOf} tells it. */
export function error(name: string, ...values: (bigint | string)[]): string {
  return `${name}(${values.map(String).join(", ")})`;
}

const interfaces = [LoanBook__factory.createInterface(), LenderVault__factory.createInterface()];

function errorOf(data: string): string {
  if (data === "0x") return "no reason";
  for (const known of interfaces) {
    const parsed = known.parseError(data);
    if (parsed !== null) return error(parsed.name, ...(parsed.args.toArray() as (bigint | string)[]));
  }
  return `unknown error ${data}`;
}

function words(digits: string): bigint[] {
  return Array.from({ length: digits.length / 64 }, (_, n) => BigInt(`0x${digits.slice(64 * n, 64 * n + 64)}`));
}
