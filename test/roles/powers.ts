import { expect } from "chai";

import { BOOK_POWERS } from "../../scripts/roles/book-powers.ts";
import { MANAGER_POWERS } from "../../scripts/roles/manager-powers.ts";
import { CALLERS, CONTRACTS, outcomesOf, type Caller, type Outcome } from "../../scripts/roles/powers.ts";
import { VAULT_POWERS } from "../../scripts/roles/vault-powers.ts";
import { networkHelpers } from "../helpers/chain.ts";
import { CURATOR } from "../helpers/governance.ts";
import { carryOutAsAdmin } from "../helpers/officers.ts";
import { powersScene } from "./scene.ts";
import { attemptsOn, changingFunctions, walk } from "./walk.ts";

const EXPECTED = { vault: VAULT_POWERS, book: BOOK_POWERS, manager: MANAGER_POWERS };

describe("Powers", () => {
  for (const contract of CONTRACTS) {
    it(`over the ${contract} are those of docs/roles.md, function by function and caller by caller`, async () => {
      const scene = await networkHelpers.loadFixture(powersScene);
      const found: string[] = [];
      for (const name of changingFunctions(scene, contract)) {
        for (const way of attemptsOn(contract, name)) found.push(...lines(way, await walk(scene, contract, way)));
      }
      const expected = Object.entries(EXPECTED[contract]).flatMap(([way, power]) => lines(way, outcomesOf(power)));
      expect(found.length).to.be.above(CALLERS.length * 10);
      expect(found.filter((line) => !expected.includes(line)).join("\n"), "not expected").to.equal("");
      expect(expected.filter((line) => !found.includes(line)).join("\n"), "not found").to.equal("");
    });
  }

  it("of a function that is new, or in other hands, do not go unnoticed", async () => {
    expect(() => attemptsOn("vault", "mintForFriends")).to.throw("Nobody tries vault.mintForFriends");
    const scene = await networkHelpers.loadFixture(powersScene);
    const book = await scene.book.getAddress();
    const { selector } = scene.book.interface.getFunction("retire");
    await carryOutAsAdmin(scene, "setTargetFunctionRole", [book, [selector], CURATOR]);
    const outcomes = await walk(scene, "book", "retire");
    expect(outcomes.curator).to.equal("at once");
    expect(outcomes.guardian).to.equal("refused: AccessManagedUnauthorized");
  });

  it("are walked through by callers who are not each other", async () => {
    const { callers, other, manager } = await networkHelpers.loadFixture(powersScene);
    const addresses = CALLERS.map((caller) => callers[caller].address);
    expect(new Set([...addresses, other.address]).size).to.equal(CALLERS.length + 1);
    // And the admin is the only one who has its role.
    for (const caller of CALLERS) {
      const [isMember] = (await manager.getFunction("hasRole")(0n, callers[caller])) as [boolean, bigint];
      expect(isMember, caller).to.equal(caller === "admin");
    }
  });
});

function lines(way: string, outcomes: Record<Caller, Outcome>): string[] {
  return CALLERS.map((caller) => `${way} | ${caller} | ${outcomes[caller]}`);
}
