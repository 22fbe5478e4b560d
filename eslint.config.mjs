// @ts-check
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["artifacts/", "cache/", "coverage/", "out/", "sdk/dist/", "typechain-types/", ".node/"] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      // What a module offers is stated, not inferred.
      "@typescript-eslint/explicit-module-boundary-types": "error",
      // A number or a bigint in a text reads as itself; objects and undefined do not, and stay forbidden.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // `() => close()` reads as what it does.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      eqeqeq: "error",
      "no-restricted-syntax": [
        "error",
        {
          selector: "TSAsExpression > TSAsExpression[typeAnnotation.type='TSUnknownKeyword']",
          message: "A cast through unknown hides a wrong type: check the value and let the type follow.",
        },
        {
          selector: "MemberExpression[property.name=/^(true|false|null|undefined|ok|empty|exist)$/] > CallExpression",
          message: "A property that asserts passes in silence when mistyped: call `.to.equal(...)` instead.",
        },
      ],
    },
  },
  {
    // Ignition infers what a module offers from its builder; written out it would be said twice.
    files: ["deploy/modules/**"],
    rules: { "@typescript-eslint/explicit-module-boundary-types": "off" },
  },
  {
    // Plain JavaScript runs before TypeScript is installed; its types are in its comments, which tsc checks.
    files: ["**/*.mjs"],
    rules: {
      "@typescript-eslint/explicit-module-boundary-types": "off",
      // Optional chaining and `??` would stop an old Node before it can say that it is too old.
      "@typescript-eslint/prefer-nullish-coalescing": "off",
      "@typescript-eslint/prefer-optional-chain": "off",
    },
  },
);
