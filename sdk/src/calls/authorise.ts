/** Operators, who may do with all loans of an owner whatever the owner may. */
import type { MarketAddresses } from "../addresses/market-addresses.ts";
import { requireAddress } from "../errors/invalid-address.ts";
import { InvalidInputError, requireUint } from "../errors/invalid-input.ts";
import type { Authorization, SignedAuthorization } from "../signatures.ts";
import type { CallRequest } from "./call-request.ts";
import type { MarketConnection } from "./connection.ts";
import { callOf } from "./contracts.ts";
import { send, told, type Done, type SendOptions } from "./send.ts";

/** Whom the sender authorizes, or no longer. */
export type AuthoriseOrder = Pick<Authorization, "operator" | "isAuthorized">;

/** What revoking signatures came to. */
export interface Revoked extends Done {
  /** Signatures with it, or with an earlier one, are worthless. */
  readonly nonce: bigint;
}

/** `LoanBook.setAuthorization`, or `setAuthorizationWithSig` for what an owner signed, see `signAuthorization`. */
export function authoriseCall(addresses: MarketAddresses, order: AuthoriseOrder | SignedAuthorization): CallRequest {
  if (!("signature" in order)) {
    const { operator, isAuthorized } = checked(order);
    return callOf("book", addresses, "setAuthorization", [operator, isAuthorized]);
  }
  const { authorization, signature } = order;
  const { owner, nonce, deadline } = authorization;
  const signed = {
    ...checked(authorization),
    owner: requireAddress("owner", owner),
    nonce: requireUint("nonce", nonce),
    deadline: requireUint("deadline", deadline),
  };
  return callOf("book", addresses, "setAuthorizationWithSig", [signed, signature]);
}

/** Authorizes an operator, or ends it; what an owner signed anybody may bring. Throws like {@link send}. */
export async function authorise(
  connection: MarketConnection,
  order: AuthoriseOrder | SignedAuthorization,
  options?: SendOptions,
): Promise<Done> {
  return send(connection, authoriseCall(connection.addresses, order), options);
}

/** `LoanBook.revokeSignatures`. */
export function revokeSignaturesCall(addresses: MarketAddresses): CallRequest {
  return callOf("book", addresses, "revokeSignatures", []);
}

/** Makes signatures of the sender with its next nonce worthless. Throws like {@link send}. */
export async function revokeSignatures(connection: MarketConnection, options?: SendOptions): Promise<Revoked> {
  const owner = await connection.sender();
  const done = await send(connection, revokeSignaturesCall(connection.addresses), options);
  return { ...done, nonce: told(done, "NonceUsed", { owner }).nonce };
}

function checked({ operator, isAuthorized }: AuthoriseOrder): AuthoriseOrder {
  // Callers without types bring texts, of which "false" would authorize.
  if (typeof (isAuthorized as unknown) !== "boolean") {
    throw new InvalidInputError("isAuthorized", isAuthorized, "true or false");
  }
  return { operator: requireAddress("operator", operator), isAuthorized };
}
