import { type Provider } from "ethers";

import { readAccess, type Access, type Holders, type Targets } from "./access-manager.ts";
import { ADMIN_DELAY, ADMIN_ROLE, ROLES, roleName } from "./roles.ts";

/** Functions that look callable and are nobody's: only the AccessManager itself makes this call. */
const OWN_FUNCTIONS: ReadonlySet<string> = new Set(["setAuthority"]);

/**
 * Compares who may do what on the chain with what should be: holders, delays, and the role of every function.
 *
 * @returns one sentence for each difference
 */
export async function checkRoles(
  provider: Provider,
  manager: string,
  fromBlock: number,
  targets: Targets,
  holders: Holders,
): Promise<string[]> {
  const access = await readAccess(provider, manager, fromBlock);
  return [
    ...(await checkAuthority(manager, targets)),
    ...checkHolders(access, holders),
    ...(await checkFunctions(access, targets)),
    ...checkOthers(access, targets),
  ];
}

async function checkAuthority(manager: string, { vault, book }: Targets): Promise<string[]> {
  const [ofVault, ofBook] = await Promise.all([vault.authority(), book.authority()]);
  return [
    ...(ofVault === manager ? [] : [`The vault obeys the AccessManager ${ofVault}, not ${manager}.`]),
    ...(ofBook === manager ? [] : [`The book obeys the AccessManager ${ofBook}, not ${manager}.`]),
  ];
}

function checkHolders({ members }: Access, holders: Holders): string[] {
  const expected = [
    { id: ADMIN_ROLE, account: holders.admin, delay: ADMIN_DELAY },
    ...ROLES.map(({ id, name }) => ({ id, account: holders[name], delay: 0 })),
  ];
  const differences = expected.flatMap(({ id, account, delay }) => {
    const name = roleName(id);
    const member = members.find((candidate) => candidate.role === id && candidate.account === account);
    if (member === undefined) return [`${account} is not ${name}, but should be.`];
    if (member.delay === delay) return [];
    return [`The ${name} ${account} has a delay of ${String(member.delay)} s, not of ${String(delay)} s.`];
  });
  const others = members.filter(({ role, account }) => {
    return !expected.some((known) => known.id === role && known.account === account);
  });
  return [...differences, ...others.map(({ role, account }) => `${account} is ${roleName(role)}, but should not be.`)];
}

async function checkFunctions(access: Access, targets: Targets): Promise<string[]> {
  const contracts = [
    { name: "LenderVault", address: targets.vaultAddress, side: "vault", functions: targets.vault.interface },
    { name: "LoanBook", address: targets.bookAddress, side: "book", functions: targets.book.interface },
  ] as const;
  const differences: string[] = [];
  for (const { name, address, side, functions } of contracts) {
    if (await access.isClosed(address)) {
      differences.push(`The AccessManager has closed the ${name}: no role can act on it.`);
    }
    for (const fragment of functions.fragments) {
      if (fragment.type !== "function" || !("selector" in fragment) || !("name" in fragment)) continue;
      const method = String(fragment.name);
      if (OWN_FUNCTIONS.has(method)) continue;
      const expected = ROLES.find((role) => role[side].some((known) => known === method))?.id ?? ADMIN_ROLE;
      const actual = await access.roleOf(address, String(fragment.selector));
      if (actual === expected) continue;
      differences.push(`${name}.${method} belongs to ${roleName(actual)}, not to ${roleName(expected)}.`);
    }
  }
  return differences;
}

function checkOthers({ functions, stewards, scheduled }: Access, { vaultAddress, bookAddress }: Targets): string[] {
  const strays = functions.filter(({ target }) => target !== vaultAddress && target !== bookAddress);
  return [
    ...strays.map(({ target, selector }) => {
      return `The AccessManager also governs ${selector} of ${target}, which is no part of the market.`;
    }),
    ...stewards.map(({ role, admin, guardian }) => {
      return `The role ${roleName(role)} is given out by ${roleName(admin)} and guarded by ${roleName(guardian)}, not by admin.`;
    }),
    ...scheduled.map(({ caller, target, data, when }) => {
      const moment = new Date(when * 1000).toISOString();
      return `${caller} has announced a call of ${data.slice(0, 10)} on ${target}, which can be made from ${moment} on.`;
    }),
  ];
}
