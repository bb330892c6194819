import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: ["dist/", "packages/", "runs/", "scripts/*.mjs", "eslint.config.js", ".dependency-cruiser.mjs"],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/restrict-template-expressions": "off",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "MemberExpression[property.name='pathname'][object.type='NewExpression'][object.callee.name='URL']",
          message: "No path where a folder's name has spaces or accents: fileURLToPath.",
        },
        {
          selector:
            "CallExpression[callee.name=/^(exec|spawn)/] > Literal.arguments:first-child[value=/^(ps|pgrep|pkill)\\b/]",
          message: "A new Debian has none of procps: test/tools/processes.ts.",
        },
      ],
    },
  },
  {
    // Where there is no /proc, it asks ps.
    files: ["test/tools/processes.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
  {
    files: ["src/**/*.ts"],
    ignores: ["src/cli/print.ts", "src/cli/main.ts", "**/*.test.ts"],
    rules: {
      // Texts of others are made harmless where this program writes: src/cli/print.ts.
      "no-console": "error",
      "no-restricted-properties": [
        "error",
        { object: "process", property: "stdout", message: "Write through src/cli/print.ts." },
        { object: "process", property: "stderr", message: "Write through src/cli/print.ts." },
      ],
    },
  },
);
