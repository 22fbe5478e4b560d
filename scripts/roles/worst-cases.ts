/** What each role can do at its worst. Each sentence is the name of a test that plays it: test/attacks/hostile-curator.ts and hostile-officers.ts. */
export const WORST_CASES = {
  curator: {
    worthlessListing:
      "It proposes to list a worthless token with a feed of its own, and once seven days are over borrows all the cash against it; lenders lose what they have not withdrawn by then.",
    cancelledListing:
      "It gets nothing if the guardian cancels within the seven days, or if the lenders have left: the proposal is on chain, token and feed included.",
    floodOfProposals:
      "It proposes the same thing very often, with a byte more each time, and gains nothing by it: the guardian cancels all at once, and again within each seven days until the admin has dismissed the curator.",
    agreeingFeed:
      "It replaces a listing's feed by one of its own that agrees with the old one, after 14 days, lets it lie the day after, and buys a standing loan's collateral for next to nothing: borrowers lose their pledges, lenders their loans.",
    lyingFeed: "A feed that lies from the beginning waits 30 days, during which the pledge can be taken out.",
    deadFeed:
      "While all feeds of a listing are dead their replacement waits 3 days only: then a lying one may come that soon.",
    generousFeed:
      "A feed that it lets lie upwards lets it borrow a multiple of what a good asset is worth, as far as the listing's cap leaves room.",
    loanAssetFeed:
      "A feed of the loan asset that it lets lie stays within the bounds that the first one was deployed with. In a market with a peg it liquidates nobody, but can halve what may be borrowed, or put off liquidations; without a peg it moves all lines, by as much as those bounds allow.",
    raisedCaps: "It raises every cap, the deposit cap too, after seven days.",
    goneCurator:
      "If it does nothing at all, nothing is listed or raised, and a feed that dies is not replaced until the admin names another curator.",
  },
  guardian: {
    pauses:
      "It pauses deposits, borrowing and flash loans for 14 days at a time, and again as long as it holds the role.",
    retirements:
      "It retires every listing, for ever: nobody borrows against them again; what is pledged keeps its lines and its exits.",
    caps: "It lowers all caps and the deposit cap to 0, which the curator takes seven days to undo.",
    cancellations: "It cancels every proposal, so that nothing is listed, nothing raised, and a dead feed stays.",
    dismissal:
      "The admin, who must announce it 14 days before, takes its role away; pauses then end by themselves within 14 days more.",
    goneGuardian:
      "If it does nothing at all, nobody stops a hostile curator within the seven days: the admin takes 14.",
  },
  treasurer: {
    sweep:
      "It sweeps what reserves hold above their target, as far as cash goes, to the treasury that the vault was deployed with; lenders' assets stay what they were.",
  },
  admin: {
    everything:
      "It makes itself curator, guardian and treasurer, 14 days after it has announced it; then a worthless listing takes seven days more: 21 days from the announcement to an empty vault.",
    ownAuthority:
      "It points book and vault at an authority of its own, 14 days after it has announced it; the delays of proposals and the list of what can be proposed stay, for they are the contracts' own.",
    closedContracts:
      "It closes book and vault to all officers, 14 days after it has announced it: nothing is proposed, paused or cancelled any more, and borrowers, lenders and liquidators go on as before.",
    lapses:
      "What it has announced can be done for seven days, from the fourteenth day on; then it must be announced again.",
    shorterDelay: "It cannot shorten its own delay: a second admin without one is 14 days away as well.",
  },
  together: {
    curatorAndGuardian:
      "Curator and guardian do what the curator does, and nobody cancels it: the admin, who needs 14 days to dismiss either, is too late for a listing's seven.",
    brake:
      "Guardian and curator stop all new business for as long as they hold their roles, and what is retired for ever: paused, retired, capped at 0, every proposal cancelled. Every exit works.",
    allOfficers:
      "All of them together, the admin included, move no pledge and no cash, change no term of a listing and no line of a loan, and stop no exit; what they can do needs a worthless listing or a lying feed, which was proposed seven days before, or three if the old feed is dead.",
  },
  deployer: {
    nothing: "Once it has renounced the admin's role it can do what any stranger can.",
  },
} as const;

export type Role = keyof typeof WORST_CASES;
