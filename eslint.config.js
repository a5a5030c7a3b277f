import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const ENUM = { selector: 'TSEnumDeclaration', message: 'Use a const object and a type.' };
const DEFAULT_EXPORT = { selector: 'ExportDefaultDeclaration', message: 'Export by name.' };
const FOR_EACH = {
  selector: "CallExpression[callee.property.name='forEach']",
  message: 'Use for…of.',
};

const size = {
  'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
  complexity: ['error', 10],
  'max-depth': ['error', 3],
  'max-params': ['error', 3],
};

const types = {
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-misused-promises': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': [
    'error',
    { considerDefaultExhaustiveForUnions: true },
  ],
  '@typescript-eslint/consistent-type-imports': 'error',
  '@typescript-eslint/no-import-type-side-effects': 'error',
  '@typescript-eslint/explicit-module-boundary-types': 'error',
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
  '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
  // A port's method is `async` so that what it throws becomes a rejection, with or without an `await` inside.
  '@typescript-eslint/require-await': 'off',
  // A getter that is constant here implements a port whose other implementations compute it.
  '@typescript-eslint/class-literal-property-style': 'off',
  // In hot loops `arr[i] as number` says what a bang would, next to the comment that says why it holds.
  '@typescript-eslint/non-nullable-type-assertion-style': 'off',
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
};

const readonly = (names) => Object.fromEntries(names.split(' ').map((name) => [name, 'readonly']));

const browser = readonly(
  'window document location history fetch EventSource URL URLSearchParams AbortController Event CustomEvent ' +
    'KeyboardEvent Element HTMLElement ResizeObserver IntersectionObserver matchMedia getComputedStyle ' +
    'localStorage navigator performance requestAnimationFrame cancelAnimationFrame setTimeout clearTimeout ' +
    'setInterval clearInterval queueMicrotask structuredClone Intl console uPlot',
);

const node = readonly('console process URL Buffer');

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'build/',
      'coverage/',
      'data/',
      'node_modules/',
      '**/generated/',
      'test/fixtures/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      ...types,
      ...size,
      'no-console': 'error',
      'no-restricted-syntax': ['error', ENUM, DEFAULT_EXPORT, FOR_EACH],
    },
  },
  {
    files: ['src/cli/**/*.ts', 'scripts/**', 'benchmarks/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    // A `describe` is a list of claims, as long as there are claims.
    files: ['test/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
    },
  },
  {
    // A library is described as it is, default exports and all.
    files: ['**/*.d.ts'],
    rules: {
      'no-restricted-syntax': ['error', ENUM],
      '@typescript-eslint/consistent-type-imports': 'off',
    },
  },
  {
    files: ['*.config.ts'],
    rules: { 'no-restricted-syntax': ['error', ENUM] },
  },
  {
    files: ['src/dashboard/{assets,backtest-page}/**/*.js'],
    languageOptions: { globals: browser },
    rules: size,
  },
  { files: ['scripts/**/*.mjs', '*.js'], languageOptions: { globals: node } },
  {
    files: ['**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { ...node, module: 'writable', require: 'readonly', __dirname: 'readonly' },
    },
  },
);
