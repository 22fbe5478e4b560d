import { admins, type Powers } from "./powers.ts";

/** The AccessManager's functions that change anything: who holds a role is its business, and nothing else is. */
export const MANAGER_POWERS: Powers = {
  cancel: {
    tries: "cancel what the admin has announced",
    atOnce: ["admin"],
    error: "AccessManagerUnauthorizedCancel",
  },
  consumeScheduledOp: { tries: "use up what was announced (book and vault do, when it is done)" },
  "execute: an officer's function": {
    tries: "call it through the AccessManager: whose it is, is the same",
    atOnce: ["guardian"],
    error: "AccessManagerUnauthorizedCall",
  },
  "execute: what nobody announced": {
    tries: "make oneself curator through the AccessManager",
    later: { caller: "admin", delay: 14 * 24 * 60 * 60 },
    error: "AccessManagerUnauthorizedCall",
    errors: { admin: "AccessManagerNotScheduled" },
  },
  grantRole: admins("make oneself curator"),
  labelRole: admins("name a role"),
  multicall: {
    tries: "make oneself curator, inside a multicall that was announced whole",
    error: "AccessManagerUnauthorizedAccount",
    errors: { admin: "AccessManagerNotScheduled" },
  },
  renounceRole: { tries: "give up a role of one's own", atOnce: "anyone" },
  revokeRole: admins("dismiss the guardian"),
  schedule: {
    tries: "announce what an admin may do",
    atOnce: ["admin"],
    error: "AccessManagerUnauthorizedCall",
  },
  setGrantDelay: admins("set how long a new member of a role waits"),
  setRoleAdmin: admins("say who grants and revokes a role"),
  setRoleGuardian: admins("say who may cancel what members of a role announce"),
  setTargetAdminDelay: admins("make what concerns a contract wait longer"),
  setTargetClosed: admins("close the book to all officers"),
  setTargetFunctionRole: admins("give an officer's function to another role"),
  updateAuthority: admins("point the book at another authority"),
};
