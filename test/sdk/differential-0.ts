import { testLives } from "../differential/suite.ts";

testLives({ assetDecimals: 0, tokenDecimals: [24, 6], seed: 13 });
