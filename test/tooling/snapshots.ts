import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";

import { ROOT } from "../../scripts/checks/root.ts";
import { BenchChain } from "../../scripts/snapshots/bench-chain.ts";
import { deployBenchMarket } from "../../scripts/snapshots/bench-market.ts";
import { snapshotProblems } from "../../scripts/snapshots/check.ts";
import { decisionNames, GAS_SNAPSHOT } from "../../scripts/snapshots/files.ts";
import { gasTable } from "../../scripts/snapshots/gas-table.ts";
import { gasKey, measureGas } from "../../scripts/snapshots/gas.ts";
import { OPERATIONS } from "../../scripts/snapshots/operations.ts";
import { BEST_PEERS } from "../../scripts/snapshots/peers.ts";
import {
  differences,
  formatSnapshot,
  impossibleEntries,
  isWithin,
  parseSnapshot,
  raisedBaselines,
  ratchet,
  requireDecision,
  SnapshotError,
  type Entry,
  type Figures,
  type Snapshot,
} from "../../scripts/snapshots/snapshot.ts";
import { writeSnapshots } from "../../scripts/snapshots/write.ts";

const DECISION = "012-dearer-but-safer";

const snapshotOf = (entries: Record<string, Entry>): Snapshot => new Map(Object.entries(entries));
const figuresOf = (figures: Record<string, number>): Figures => new Map(Object.entries(figures));
const borrow = (entry: Entry): Snapshot => snapshotOf({ "borrow-more": entry });
const BORROW = borrow({ figure: 10_050, baseline: 10_000 });

describe("The ratchet of a snapshot", () => {
  const next = (figure: number, decision?: string) => ratchet(BORROW, figuresOf({ "borrow-more": figure }), decision);
  const entryOf = (...args: Parameters<typeof next>) => next(...args).snapshot.get("borrow-more");

  it("lets a figure rise by 1 % in all, and leaves the baseline where it was", () => {
    expect(entryOf(10_100)).to.deep.equal({ figure: 10_100, baseline: 10_000 });
    expect(next(10_100).refused).to.deep.equal([]);
  });

  it("refuses a unit more", () => {
    expect(next(10_101).refused).to.deep.equal([{ name: "borrow-more", figure: 10_101, baseline: 10_000 }]);
    expect(isWithin(10_100, 10_000)).to.equal(true);
    expect(isWithin(10_101, 10_000)).to.equal(false);
  });

  it("falls with the figure", () => {
    expect(entryOf(9_000)).to.deep.equal({ figure: 9_000, baseline: 9_000 });
  });

  it("rises by a decision, which stays with the entry", () => {
    expect(next(11_000, DECISION).refused).to.deep.equal([]);
    expect(next(11_000, DECISION).decided.map(({ name }) => name)).to.deep.equal(["borrow-more"]);
    const decided = { figure: 11_000, baseline: 11_000, decision: DECISION };
    expect(entryOf(11_000, DECISION)).to.deep.equal(decided);
    const later = ratchet(borrow(decided), figuresOf({ "borrow-more": 10_990 }));
    expect(later.snapshot.get("borrow-more")).to.deep.equal({ figure: 10_990, baseline: 10_990, decision: DECISION });
  });

  it("does not use a decision that it does not need", () => {
    expect(entryOf(10_060, DECISION)).to.deep.equal({ figure: 10_060, baseline: 10_000 });
    expect(next(10_060, DECISION).decided).to.deep.equal([]);
  });

  it("takes in what is new and names what is gone", () => {
    const { snapshot, added, removed, refused } = ratchet(BORROW, figuresOf({ "borrow-less": 7 }));
    expect([...snapshot]).to.deep.equal([["borrow-less", { figure: 7, baseline: 7 }]]);
    expect({ added, removed, refused }).to.deep.equal({
      added: ["borrow-less"],
      removed: ["borrow-more"],
      refused: [],
    });
  });

  it("takes only decisions that were written down", () => {
    const known = new Set([DECISION]);
    expect(() => requireDecision(DECISION, known)).to.not.throw();
    expect(() => requireDecision("013-unwritten", known)).to.throw(SnapshotError, "docs/decisions/013-unwritten.md");
    for (const name of ["12-short", "012", "../012-dearer-but-safer", "012-dearer-but-safer.md", ""]) {
      expect(() => requireDecision(name, known), name).to.throw(SnapshotError, "no name of a decision record");
    }
  });
});

describe("A snapshot's file", () => {
  it("has a line for each entry, sorted", () => {
    const snapshot = snapshotOf({ b: { figure: 2, baseline: 2 }, a: { figure: 3, baseline: 1, decision: DECISION } });
    expect(formatSnapshot(snapshot).split("\n")).to.deep.equal([
      "{",
      `  "a": { "figure": 3, "baseline": 1, "decision": "${DECISION}" },`,
      '  "b": { "figure": 2, "baseline": 2 }',
      "}",
      "",
    ]);
    expect(formatSnapshot(parseSnapshot(formatSnapshot(snapshot), "x"))).to.equal(formatSnapshot(snapshot));
  });

  it("is refused when malformed, with what to do", () => {
    const malformed = [
      "",
      "<<<<<<< ours\n{}",
      "[]",
      "null",
      "7",
      '{ "a": 7 }',
      '{ "a": { "figure": 7 } }',
      '{ "a": { "figure": 0, "baseline": 1 } }',
      '{ "a": { "figure": 7.5, "baseline": 7 } }',
      '{ "a": { "figure": "7", "baseline": 7 } }',
      '{ "a": { "figure": 7, "baseline": 7, "decision": 12 } }',
      '{ "a": { "figure": 7, "baseline": 7, "reason": "none" } }',
    ];
    for (const text of malformed) {
      const read = () => parseSnapshot(text, GAS_SNAPSHOT);
      expect(read, text).to.throw(
        SnapshotError,
        /^snapshots\/gas\.json is not a snapshot: .*run `npm run snapshots`\.$/s,
      );
    }
  });
});

describe("The check of a snapshot", () => {
  const DECISIONS = new Set([DECISION]);

  it("finds nothing where all is as measured", () => {
    expect(differences(BORROW, figuresOf({ "borrow-more": 10_050 }))).to.deep.equal([]);
    expect(impossibleEntries(BORROW, DECISIONS)).to.deep.equal([]);
    expect(raisedBaselines(BORROW, BORROW)).to.deep.equal([]);
  });

  it("has a sentence for each figure that differs", () => {
    const measured = figuresOf({ "borrow-more": 10_060, close: 7_000 });
    expect(differences(BORROW, measured)).to.deep.equal([
      "borrow-more is 10,060, the snapshot says 10,050.",
      "close is 7,000 and not in the snapshot.",
    ]);
    expect(differences(BORROW, figuresOf({ "borrow-more": 11_000 }))).to.deep.equal([
      "borrow-more is 11,000, the snapshot says 10,050; that is 10.00 % above its baseline of 10,000, which needs a decision record.",
    ]);
    expect(differences(BORROW, figuresOf({}))).to.deep.equal([
      "borrow-more is in the snapshot but no longer measured.",
    ]);
  });

  it("finds entries that no run can have written", () => {
    expect(impossibleEntries(borrow({ figure: 10_101, baseline: 10_000 }), DECISIONS)).to.deep.equal([
      "borrow-more is 10,101, more than 1 % above its baseline of 10,000.",
    ]);
    expect(impossibleEntries(borrow({ figure: 9_999, baseline: 10_000 }), DECISIONS)).to.deep.equal([
      "borrow-more is 9,999, below its baseline of 10,000, which should have fallen with it.",
    ]);
    expect(impossibleEntries(borrow({ figure: 7, baseline: 7, decision: "013-unwritten" }), DECISIONS)).to.deep.equal([
      "borrow-more names the decision 013-unwritten, which is not in docs/decisions/.",
    ]);
  });

  it("finds baselines that rose without a decision of their own", () => {
    const raised = { figure: 10_050, baseline: 10_050 };
    expect(raisedBaselines(BORROW, borrow(raised))).to.deep.equal([
      "borrow-more has a baseline of 10,050, which was 10,000 before, and no new decision: put it back, or write down what was decided.",
    ]);
    const decided = borrow({ ...raised, decision: DECISION });
    expect(raisedBaselines(BORROW, decided)).to.deep.equal([]);
    // What one decision allowed, it does not allow again.
    expect(raisedBaselines(decided, borrow({ figure: 10_080, baseline: 10_080, decision: DECISION }))).to.have.lengthOf(
      1,
    );
  });
});

describe("Snapshots in a repository", () => {
  let root: string;

  const write = async (figures: Record<string, number>, decision?: string): Promise<string[]> =>
    writeSnapshots(root, new Map([[GAS_SNAPSHOT, figuresOf(figures)]]), decision);
  const problems = async (figures: Record<string, number>): Promise<string[]> =>
    snapshotProblems(root, GAS_SNAPSHOT, figuresOf(figures));
  const text = async (): Promise<string> => readFile(join(root, GAS_SNAPSHOT), "utf8");
  const put = async (path: string, content: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  };
  const git = async (...args: string[]): Promise<void> => {
    const who = ["-c", "user.name=Tester", "-c", "user.email=tester@example.org", "-c", "commit.gpgsign=false"];
    // A hook's variables would lead to the repository that it was called from.
    const env = { ...process.env, GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_INDEX_FILE: undefined };
    await promisify(execFile)("git", [...who, ...args], { cwd: root, env });
  };
  const commit = async (): Promise<void> => {
    await git("add", "--all");
    await git("commit", "--quiet", "--no-verify", "--message", "x");
  };
  /** The only problem, apart from what to do about it. */
  const problem = async (figures: Record<string, number>): Promise<string> => {
    const [first = "", second] = await problems(figures);
    expect(second).to.equal("Run `npm run snapshots` and commit the result.");
    return first;
  };
  const failure = async (run: Promise<unknown>): Promise<string> =>
    run.then(
      () => "",
      (error: unknown) => (error instanceof SnapshotError ? error.message : String(error)),
    );

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "ballast-snapshots-"));
    await git("init", "--quiet");
    await put(`docs/decisions/${DECISION}.md`, "# 012 Dearer but safer\n");
    await write({ close: 10_000, open: 20_000 });
    await commit();
  });

  afterEach(async () => rm(root, { recursive: true, force: true }));

  it("pass as written, and follow small changes and falls", async () => {
    expect(await problems({ close: 10_000, open: 20_000 })).to.deep.equal([]);
    expect(await problem({ close: 10_100, open: 20_000 })).to.equal("close is 10,100, the snapshot says 10,000.");
    expect(await write({ close: 10_100, open: 19_000 })).to.deep.equal([]);
    expect(await problems({ close: 10_100, open: 19_000 })).to.deep.equal([]);
    await commit();
    expect(await problems({ close: 10_100, open: 19_000 })).to.deep.equal([]);
    // 1 % in all, not 1 % with each commit; and 1 % of what open has fallen to.
    const refused = await failure(write({ close: 10_101, open: 19_191 }));
    expect(refused).to.match(
      /^close has risen 1\.01 % above its baseline, from 10,000 to 10,101\.\nopen has risen 1\.01 %/,
    );
    expect(refused).to.match(/Nothing was written\..*npm run snapshots -- --decision NNN-title$/);
    expect(await problems({ close: 10_100, open: 19_000 })).to.deep.equal([]);
  });

  it("rise by a decision that exists, and once", async () => {
    expect(await failure(write({ close: 12_000, open: 20_000 }, "013-unwritten"))).to.contain("There is no docs/");
    expect(await write({ close: 12_000, open: 20_000 }, DECISION)).to.deep.equal([
      "snapshots/gas.json: close has a baseline of 12,000 from now on.",
    ]);
    expect(await problems({ close: 12_000, open: 20_000 })).to.deep.equal([]);
    await commit();
    expect(await problems({ close: 12_000, open: 20_000 })).to.deep.equal([]);
    expect(await failure(write({ close: 13_000, open: 20_000 }, DECISION))).to.contain("has been cited for it before");
    await unlink(join(root, "docs", "decisions", `${DECISION}.md`));
    expect(await problem({ close: 12_000, open: 20_000 })).to.contain("which is not in docs/decisions/");
  });

  it("say so when a decision was not needed", async () => {
    expect(await write({ close: 10_001, open: 20_000 }, DECISION)).to.deep.equal([
      `Nothing needed ${DECISION}, so it is not recorded.`,
    ]);
    expect(await text()).to.not.contain(DECISION);
  });

  it("name what is new and what is gone", async () => {
    expect(await problem({ close: 10_000, open: 20_000, pledge: 5_000 })).to.contain("not in the snapshot");
    expect(await problem({ close: 10_000 })).to.contain("no longer measured");
    expect(await write({ close: 10_000, pledge: 5_000 })).to.deep.equal([
      "snapshots/gas.json: new: pledge.",
      "snapshots/gas.json: no longer measured, so taken out: open.",
    ]);
  });

  it("do not forget a baseline because somebody deleted or edited the file", async () => {
    await unlink(join(root, GAS_SNAPSHOT));
    expect(await failure(problems({ close: 10_000, open: 20_000 }))).to.contain("There is no snapshots/gas.json");
    expect(await failure(write({ close: 12_000, open: 20_000 }))).to.contain("close has risen 20.00 %");
    await put(GAS_SNAPSHOT, "<<<<<<< ours");
    expect(await failure(problems({ close: 10_000, open: 20_000 }))).to.contain("is not a snapshot");
    expect(await failure(write({ close: 12_000, open: 20_000 }))).to.contain("close has risen 20.00 %");
  });

  it("show a baseline that was raised by hand, before and after it is committed", async () => {
    const raised = (await text()).replaceAll("10000", "12000");
    await put(GAS_SNAPSHOT, raised);
    const [found, ...others] = await problems({ close: 12_000, open: 20_000 });
    expect(found).to.contain("close has a baseline of 12,000, which was 10,000 before");
    expect(others).to.deep.equal([]);
    await commit();
    expect(await problems({ close: 12_000, open: 20_000 })).to.deep.equal([found]);
    await put("README.md", "The commit after it changes nothing about it.");
    await commit();
    expect(await problems({ close: 12_000, open: 20_000 })).to.deep.equal([found]);
  });

  it("are only passed as a run writes them", async () => {
    await put(GAS_SNAPSHOT, (await text()).replaceAll("  ", " "));
    expect(await problem({ close: 10_000, open: 20_000 })).to.contain("not as they are written");
  });
});

describe("The measurement of gas", () => {
  it("gives the same figures to the unit every time, and finds each operation's key once", async () => {
    const [first, second] = [await measureGas(), await measureGas()];
    expect([...first]).to.deep.equal([...second]);
    const keys = OPERATIONS.flatMap((operation) => [gasKey(operation, "simple"), gasKey(operation, "eac")]);
    expect([...first.keys()].sort()).to.deep.equal([...new Set(keys)].sort());
    // A new lender's balance is a new slot; dearer feeds cost more.
    expect((first.get("lend-first") ?? 0) - (first.get("lend-again") ?? 0)).to.equal(17_100);
    for (const operation of OPERATIONS.filter(({ readsFeeds }) => readsFeeds)) {
      const [simple = 0, eac = 0] = [first.get(gasKey(operation, "simple")), first.get(gasKey(operation, "eac"))];
      expect(eac, operation.name).to.be.above(simple + 20_000);
    }
  });

  it("liquidates all ten loans of the batch, each in part", async () => {
    const chain = await BenchChain.start();
    try {
      const market = await deployBenchMarket(chain, "simple");
      const { send, wethPrice } = OPERATIONS.find(({ name }) => name === "liquidate-ten") ?? {};
      await market.wait({ weth: wethPrice ?? 0n });
      await chain.send(async () => send?.(market) ?? expect.fail("There is no such operation."));
      const events = await market.book.queryFilter(market.book.filters.Liquidated());
      expect(events).to.have.lengthOf(10);
      for (const { args } of events) expect((await market.book.debtOf(args.id)) > 0n).to.equal(true);
    } finally {
      await chain.close();
    }
  });

  it("stands beside the peers", () => {
    for (const name of Object.keys(BEST_PEERS)) expect(OPERATIONS.map((operation) => operation.name)).to.contain(name);
    const lines = gasTable(
      figuresOf({ "borrow-more/simple": 99_782, "borrow-more/eac": 124_752 }),
      snapshotOf({ "borrow-more/simple": { figure: 99_000, baseline: 98_000 } }),
    ).split("\n");
    const line = lines.find((text) => text.startsWith("borrow-more"));
    expect(line?.split(/ {2,}/)).to.deep.equal([
      "borrow-more",
      "99,782",
      "98,000",
      "124,752",
      "Compound III",
      "99,782",
      "124,752",
      "1.000 / 1.000",
    ]);
  });

  it("writes nothing for a decision that does not exist", async () => {
    expect([...(await decisionNames(ROOT))]).to.not.contain("999-nothing");
    const before = await readFile(join(ROOT, GAS_SNAPSHOT), "utf8");
    const command = ["--import", "tsx", "scripts/write-snapshots.ts", "--decision", "999-nothing"];
    const run = promisify(execFile)(process.execPath, command, {
      cwd: ROOT,
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    const ending = await run.then(
      () => expect.fail("It did not fail."),
      (error: unknown) => error,
    );
    expect(ending).to.include({ code: 1 });
    expect(ending).to.have.property("stdout").that.contains("liquidate-ten").and.contains("LenderVault");
    expect(ending).to.have.property("stderr").that.contains("There is no docs/decisions/999-nothing.md");
    expect(await readFile(join(ROOT, GAS_SNAPSHOT), "utf8")).to.equal(before);
  });
});
