import { testLives } from "../differential/suite.ts";

testLives({ assetDecimals: 2, tokenDecimals: [8, 0], seed: 5 });
