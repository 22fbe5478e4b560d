import { expect } from "chai";

import { timelineSection } from "../../scripts/play/timeline-chart.ts";
import { cureTimeline, saleTimeline } from "../../scripts/play/timelines.ts";
import { cure, HOUR, ledger, marginCall, openedLoan, sale, START } from "./ledgers.ts";

const loans = [1, 2, 3].map((number) => openedLoan(number, number < 3));
const hoursOf = (times: readonly number[] | undefined) => times?.map((time) => (time - START) / HOUR);

describe("A timeline from call to cure", () => {
  const cured = ledger({
    loans,
    calls: [
      marginCall(1, "cured", [1, 2]),
      marginCall(
        2,
        "cured",
        [1, 4],
        [
          [1, 0.812],
          [2, 0.83],
          [4, 0.762],
        ],
      ),
      marginCall(3, "cured", [1, 20]),
    ],
    cures: [cure(1, 2, 1, "repaying", 400), cure(2, 4, 3, "repaying", 500), cure(3, 20, 19, "pledging", 300)],
  });

  it("is that of the owner who took the median of the time", () => {
    const timeline = cureTimeline(cured);
    expect(timeline?.loan.number).to.equal(2);
    expect(hoursOf([timeline?.start ?? 0, timeline?.end ?? 0])).to.deep.equal([1, 4]);
    expect(timeline?.events.map(({ kind, text }) => [kind, text])).to.deep.equal([
      [
        "call",
        "Margin is called at an LTV of 81.20 %, above the call line at 80.00 %. The owner has 24 hours to cure.",
      ],
      ["cure", "3 hours after the call: the owner repays 500.00 USDC; the LTV is 76.2 %, and the call ends."],
    ]);
  });

  it("says what was pledged", () => {
    const alone = {
      ...cured,
      calls: [
        marginCall(
          3,
          "cured",
          [1, 20],
          [
            [1, 0.81],
            [20, 0.77],
          ],
        ),
      ],
    };
    expect(cureTimeline(alone)?.events[1]?.text).to.equal(
      "19 hours after the call: the owner pledges WETH worth 300.00 USDC more; the LTV is 77.0 %, and the call ends.",
    );
  });

  it("is none where nobody cured", () => {
    expect(cureTimeline(ledger({ loans, calls: [marginCall(1, "lapsed", [1, 37])] }))).to.equal(undefined);
  });
});

describe("A timeline from call to sale", () => {
  const soft = marginCall(
    3,
    "lapsed",
    [1, 37],
    [
      [1, 0.812],
      [24, 0.83],
      [26, 0.8],
    ],
  );
  const calls = [marginCall(1, "sold", [1, 3]), marginCall(2, "sold", [2, 2]), soft];
  const sales = [sale(2, 2, false, 900, 9), sale(1, 3, false, 500, 5), sale(3, 26, true, 800, 4)];

  it("prefers a sale after the deadline, and tells the deadline and the lapse", () => {
    const timeline = saleTimeline(ledger({ loans, calls, liquidations: sales }));
    expect(timeline?.loan.number).to.equal(3);
    expect(hoursOf(timeline?.events.map(({ time }) => time))).to.deep.equal([1, 25, 26, 37]);
    expect(timeline?.events.map(({ kind }) => kind)).to.deep.equal(["call", "deadline", "sale", "end"]);
    expect(timeline?.events[2]?.text).to.equal(
      "25 hours after the call: a soft sale of WETH worth 800.00 USDC repays 796.00 USDC and costs the owner 4.00 USDC (0.50 %); " +
        "the LTV is 80.0 %.",
    );
  });

  it("is else of a loan that was called in an earlier round, and knows when nothing is left", () => {
    const timeline = saleTimeline(ledger({ loans, calls: calls.slice(0, 2), liquidations: sales.slice(0, 2) }));
    expect(timeline?.loan.number).to.equal(1);
    expect(timeline?.events[1]?.text).to.equal(
      "2 hours after the call: a hard sale of WETH worth 500.00 USDC repays 495.00 USDC and costs the owner 5.00 USDC (1.00 %); " +
        "nothing is left of the pledge, and the call ends.",
    );
  });

  it("tells sales of one second together, and the fourth with all that follow", () => {
    const call = marginCall(
      1,
      "standing",
      [1],
      [1, 2, 3, 4, 5, 6].map((hour) => [hour, 0.84]),
    );
    const many = [2, 2, 3, 4, 5, 6].map((hour) => sale(1, hour, false, 100, 1));
    const timeline = saleTimeline(ledger({ loans, calls: [call], liquidations: many }));
    expect(hoursOf(timeline?.events.map(({ time }) => time))).to.deep.equal([1, 2, 3, 4, 5, 25]);
    expect(timeline?.events[1]?.text).to.include(
      "60 minutes after the call: 2 hard sales of WETH worth 200.00 USDC repay ",
    );
    expect(timeline?.events[4]?.text).to.include(
      "4 hours after the call: 2 hard sales of WETH worth 200.00 USDC repay ",
    );
  });

  it("is none where every sale came in the round of its call", () => {
    const sudden = ledger({ loans, calls: calls.slice(1, 2), liquidations: sales.slice(0, 1) });
    expect(saleTimeline(sudden)).to.equal(undefined);
  });
});

describe("A timeline on the page", () => {
  const call = marginCall(
    1,
    "cured",
    [1, 5],
    [
      [1, 0.81],
      [3, 0.84],
      [5, 0.76],
    ],
  );
  const timeline = cureTimeline(ledger({ loans, calls: [call], cures: [cure(1, 5, 4, "repaying", 400)] }));
  const section = timelineSection("From <call> to cure", timeline, "None.");

  it("has a chart of the LTV between its lines, a mark for each event, and the events in words", () => {
    expect(section).to.include("<h2>From &lt;call&gt; to cure</h2>");
    expect(section).to.include(
      "Loan 1: at the start 7,000 USDC against 10,000 USDC in WETH, open term. Its owner watches it.",
    );
    for (const line of ["ltv", "call", "liquidation"]) expect(section).to.include(`<path class="${line}"`);
    expect(section.match(/<circle/g)).to.have.lengthOf(2);
    expect(section).to.match(
      /<li class="cure"><time>[\d-]+ [\d:]+<\/time> 4 hours after the call: the owner repays 400\.00 USDC/,
    );
  });

  it("draws time to the right and LTV upward, each value until the next", () => {
    const [, path = ""] = /<path class="ltv" d="([^"]*)"/.exec(section) ?? [];
    const numbers = [...path.matchAll(/[MHV ](-?[\d.]+)/g)].map(([, number]) => Number(number));
    const [x1, y1, x2, y2, x3, y3, end] = numbers;
    // The line goes on from 1 to 3 to 5 hours: equal steps.
    const [first, second] = [(x2 ?? 0) - (x1 ?? 0), (x3 ?? 0) - (x2 ?? 0)];
    expect(first).to.be.within(second - 0.11, second + 0.11);
    expect(end).to.equal(x3);
    // 81, 84 and 76 per cent: three points up, eight down.
    expect(((y3 ?? 0) - (y2 ?? 0)) / ((y1 ?? 0) - (y2 ?? 0))).to.be.within(8 / 3 - 0.02, 8 / 3 + 0.02);
    expect(y2).to.be.below(y1 ?? 0);
  });

  it("says so where there is nothing to show", () => {
    expect(timelineSection("Title", undefined, "None.")).to.equal(
      "<section>\n<h2>Title</h2>\n<p>None.</p>\n</section>",
    );
  });
});
