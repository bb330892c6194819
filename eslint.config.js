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
      ],
    },
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
