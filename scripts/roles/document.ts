/** docs/roles.md, made of the tables and sentences that the tests hold against the contracts. */
import { BOOK_POWERS } from "./book-powers.ts";
import { MANAGER_POWERS } from "./manager-powers.ts";
import { CALLERS, outcomesOf, type Caller, type Outcome, type Power, type Powers } from "./powers.ts";
import { VAULT_POWERS } from "./vault-powers.ts";
import { WORST_CASES, type Role } from "./worst-cases.ts";

const DAY = 24 * 60 * 60;

const INTRODUCTION = `# Roles

Who may do what in a market, for lenders, borrowers and auditors. This page is written by \`npm run roles\` from the tables in
\`scripts/roles/\`. The tests call every function of the three contracts that changes anything, as everybody below, on a
standing market, and fail if a table differs from what they find, if a function is missing from it, or if this page is not
what the tables say. The worst cases are names of tests that play them.

A market's roles live in an AccessManager of OpenZeppelin's. It says who holds a role, and which functions are whose; what
those functions can do, and how long a proposal waits, is in the contracts, which nobody can change.

| role | number | what it is for |
| --- | --- | --- |
| curator | 1 | proposes what makes the market riskier (listings, higher caps, other feeds), and carries it out after a delay that is a constant of the contracts |
| guardian | 2 | makes the market safer, at once: pauses, lower caps, retirement, cancelled proposals |
| treasurer | 3 | sends surplus reserves to the treasury, whose address never changes |
| admin | 0 | names and dismisses the others; everything it does is announced 14 days before |
| deployer | none | made the contracts, was their admin while it set them up, and has renounced |
| operator | none | acts on all loans of an owner who trusts it with them, until the owner revokes that |
`;

const DELAYS = `## At once, after a delay, never

| | who | when |
| --- | --- | --- |
| pause deposits, whatever draws (opening, borrowing, refinancing for more), or flash loans | guardian | at once, for 14 days; may be renewed |
| lower a cap or the deposit cap, retire a listing, cancel a proposal | guardian | at once |
| send reserves above their target to the treasury | treasurer | at once |
| add a listing, raise a cap or the deposit cap | curator | 7 days after its proposal |
| replace a feed that is dead, then and now | curator | 3 days after its proposal |
| replace a feed by one that agrees with it | curator | 14 days after its proposal |
| replace a feed by one that does not | curator | 30 days after its proposal |
| carry out a proposal that is 37 days old | nobody | it has lapsed |
| name or dismiss an officer, change who may do what, close the contracts to officers, change their authority | admin | 14 days after it is announced, for 7 days |
| change the terms of a listing or a loan: LTVs, bonuses, the smallest debt, the peg | nobody | never |
| move collateral, cash or shares of others, but for what a liquidator pays for | nobody | never |
| stop a repayment, a pledge that cures, a margin call, a release without debt, a withdrawal that cash covers, or a liquidation | nobody | never |
| upgrade a contract, or change the treasury, the vault's book or the book's vault | nobody | never |
| bring a retired listing back | nobody | never |

What lenders should take from this: a proposal is on chain, whole, at least seven days before it counts; three, if it replaces
a dead feed. They are for leaving, as far as there is cash, and for the guardian to cancel; the admin is slower than that on
purpose, and stops nothing in seven days. Only an admin can cancel what an admin has announced.
`;

const TITLES: Record<Role, string> = {
  curator: "Curator",
  guardian: "Guardian",
  treasurer: "Treasurer",
  admin: "Admin",
  together: "Together",
  deployer: "Deployer",
};

const MEANWHILE = `What users can do meanwhile, in each of these states (INV-09): repay in part or whole, withdraw within cash, take out the
pledges of a loan without debt, close, add what cures a loan above its call line (beyond a full cap at a live price that no
source denies), and liquidate. And but for a replaced feed, nothing that an officer does moves the call or the liquidation line of a standing loan
at a given price (INV-08). The tests take these exits under pauses, retirement, caps at 0, cancelled proposals, closed
contracts, a foreign authority, dead and lying feeds, and in each pause with each state of the feeds; and they compare lines
before and after pausing, retiring, capping, listing, raising, sweeping, changing the authority and replacing a feed.
`;

/** The page. */
export function rolesDocument(): string {
  const worst = Object.keys(WORST_CASES).filter(isRole);
  return (
    [
      INTRODUCTION,
      DELAYS,
      "## The worst of each\n",
      MEANWHILE,
      ...worst.map((role) => `### ${TITLES[role]}\n\n${worstCases(role)}\n`),
      "## Every function that changes anything, tried by everybody\n",
      '"yes" goes through at once; "14 d" goes through 14 days after it was announced; "·" is refused, with the error in the last\ncolumn. The borrower is the owner of the loan that is tried, and the operator is the borrower\'s; the lender is the owner of\nthe shares. What is anyone\'s costs the caller\'s own tokens, or touches only what is the caller\'s.\n',
      `### Vault\n\n${table(VAULT_POWERS)}\n`,
      `### Book\n\n${table(BOOK_POWERS)}\n`,
      `### AccessManager\n\n${table(MANAGER_POWERS)}\n`,
      "`accrueDebt`, `draw`, `refinanced`, `retire` and the vault's `writeOff` are the book's alone. `AccessManagerNotScheduled` is what the admin gets for what it has not announced.",
    ].join("\n") + "\n"
  );
}

function worstCases(role: Role): string {
  return Object.values<string>(WORST_CASES[role])
    .map((sentence) => `- ${sentence}`)
    .join("\n");
}

function isRole(name: string): name is Role {
  return name in WORST_CASES;
}

function table(powers: Powers): string {
  const head = ["function", "what is tried", ...CALLERS, "refused with"];
  const rows = Object.entries(powers).map(([name, power]) => row(name, power));
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function row(way: string, power: Power): string[] {
  const [name = way, circumstance] = way.split(": ");
  const what = circumstance === undefined ? power.tries : `${circumstance}: ${power.tries}`;
  const outcomes = outcomesOf(power);
  return [`\`${name}\``, what, ...CALLERS.map((caller) => cell(outcomes[caller])), refusals(outcomes)];
}

function cell(outcome: Outcome): string {
  if (outcome === "at once") return "yes";
  if (outcome.startsWith("refused")) return "·";
  return `${Number(outcome.split(" ")[1]) / DAY} d`;
}

/** The errors of a function, without those that only say that the admin must announce it. */
function refusals(outcomes: Record<Caller, Outcome>): string {
  const prefix = "refused: ";
  const refused = Object.values(outcomes).filter((outcome) => outcome.startsWith(prefix));
  const errors = new Set(refused.map((outcome) => outcome.slice(prefix.length)));
  return [...errors].map((error) => (error === "none" ? "no reason" : `\`${error}\``)).join(", ");
}
