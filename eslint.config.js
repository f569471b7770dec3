import tseslint from 'typescript-eslint';
import { layerOrder } from './scripts/lint/layer-order.js';

export default tseslint.config(
  {
    ignores: [
      'dist/',
      '.cache/',
      'data/',
      'runs/',
      'out/',
      'coverage/',
      'models/',
      'photos/',
      'reference/',
      '**/.venv*/',
    ],
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': true }],
      '@typescript-eslint/no-explicit-any': 'error',
      // `({ secret, ...rest }) => rest` is how a copy without a field is made.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Interfaces that promise a Promise are often met by code that has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      eqeqeq: 'error',
      'prefer-const': 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    plugins: { featinv: { rules: { 'layer-order': layerOrder } } },
    rules: { 'featinv/layer-order': 'error' },
  },
  {
    files: ['studio/src/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '/src/(?!server/api\\.js$)',
              message: 'The page knows the types of src/server/api.ts and nothing else of src/.',
            },
            {
              regex: '/src/server/api\\.js$',
              allowTypeImports: true,
              message: 'The page takes types from the server, no code.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['tests/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
);
