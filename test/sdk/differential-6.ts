import { testLives } from "../differential/suite.ts";

testLives({ assetDecimals: 6, tokenDecimals: [18, 8], seed: 5 });
