/** What owners of tokens have to allow before a call can pull them. */
import { Interface, type Provider } from "ethers";

import { contractErrorIn } from "../errors/contract-error.ts";
import { requireAddress } from "../errors/invalid-address.ts";
import { requireUint } from "../errors/invalid-input.ts";
import type { Approval, CallRequest } from "./call-request.ts";
import type { MarketConnection } from "./connection.ts";
import { asHex } from "./contracts.ts";
import { send, type Done, type SendOptions } from "./send.ts";

const TOKEN = new Interface([
  "function allowance(address owner, address spender) view returns (uint256)",
  "function approve(address spender, uint256 amount) returns (bool)",
]);

/** `approve` of the token, as a transaction that any wallet can send. */
export function approveCall({ token, spender, amount }: Approval): CallRequest {
  const args = [requireAddress("spender", spender), requireUint("amount", amount)];
  return {
    to: asHex(requireAddress("token", token)),
    data: asHex(TOKEN.encodeFunctionData("approve", args)),
    approvals: [],
  };
}

/** Those of the approvals that an owner has not given yet, or for less. */
export async function missingApprovals(
  connection: MarketConnection,
  owner: string,
  approvals: readonly Approval[],
): Promise<Approval[]> {
  const provider = await connection.provider();
  const from = requireAddress("owner", owner);
  const allowed = await Promise.all(approvals.map((approval) => allowanceOf(provider, from, approval)));
  return approvals.filter(({ amount }, place) => (allowed[place] ?? 0n) < amount);
}

/**
 * Sees to it that a spender may pull what an approval says; nothing is sent if it may already. A token that wants an allowance to be 0
 * before it is another, such as USDT, is given that first, in a transaction of its own.
 *
 * @returns undefined if nothing was sent.
 */
export async function approve(
  connection: MarketConnection,
  approval: Approval,
  options?: SendOptions,
): Promise<Done | undefined> {
  const provider = await connection.provider();
  const owner = await connection.sender();
  const allowed = await allowanceOf(provider, owner, approval);
  if (allowed >= approval.amount) return undefined;
  const call = approveCall(approval);
  if (allowed !== 0n && !(await isAccepted(provider, owner, call))) {
    await send(connection, approveCall({ ...approval, amount: 0n }), options);
  }
  return send(connection, call, options);
}

async function allowanceOf(provider: Provider, owner: string, { token, spender }: Approval): Promise<bigint> {
  const args = [owner, requireAddress("spender", spender)];
  const data = TOKEN.encodeFunctionData("allowance", args);
  const returned = await provider.call({ to: requireAddress("token", token), data });
  const [allowance] = TOKEN.decodeFunctionResult("allowance", returned);
  return allowance as bigint;
}

/** Whether a token would take an approval as it is. Some return nothing. */
async function isAccepted(provider: Provider, from: string, { to, data }: CallRequest): Promise<boolean> {
  try {
    const returned = await provider.call({ from, to, data });
    return returned === "0x" || BigInt(returned) === 1n;
  } catch (error) {
    if (contractErrorIn(error) !== undefined) return false;
    throw error; // the node was not reached, which says nothing of the token
  }
}
