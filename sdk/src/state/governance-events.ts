/** What the events of proposals change, which vault and book share. Mirrors `Proposals`. */
import type { BookEvents, VaultEvents } from "./events.ts";
import type { Tables } from "./market-state.ts";

/** One function per event: what it changes, from its arguments and its block's time. */
export type Handlers<Events> = {
  readonly [Name in keyof Events]: (
    tables: Tables,
    args: Events[Name],
    time: bigint,
    contract: "vault" | "book",
  ) => void;
};

type Shared = Pick<VaultEvents & BookEvents, keyof VaultEvents & keyof BookEvents>;

function ignore(): void {
  // Neither the authority's address nor the domain's version is part of a market's state.
}

export const GOVERNANCE_HANDLERS: Handlers<Shared> = {
  AuthorityUpdated: ignore,
  EIP712DomainChanged: ignore,

  Proposed(tables, { id, action }, proposedAt, contract) {
    if (proposedAt < tables.proposalsVoidBefore[contract]) tables.proposals[contract].delete(id);
    else tables.proposals[contract].set(id, { proposedAt, action });
  },

  Executed(tables, { id }, _time, contract) {
    tables.proposals[contract].delete(id);
  },

  ProposalCancelled(tables, { id }, _time, contract) {
    tables.proposals[contract].delete(id);
  },

  AllProposalsCancelled(tables, _args, time, contract) {
    // Those of the same second are void, even if they are made after it.
    tables.write({ proposalsVoidBefore: { ...tables.proposalsVoidBefore, [contract]: time + 1n } });
    for (const id of [...tables.proposals[contract].keys()]) tables.proposals[contract].delete(id);
  },
};
