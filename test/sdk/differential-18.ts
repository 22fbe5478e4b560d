import { testLives } from "../differential/suite.ts";

testLives({ assetDecimals: 18, tokenDecimals: [6, 24], seed: 3 });
