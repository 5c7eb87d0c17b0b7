/** Floors of the house: a project imports lower floors only, never sideways. */
import nx from '@nx/eslint-plugin';
import js from '@eslint/js';
import ts from 'typescript-eslint';

const floors = ['ground', 'core', 'parts', 'engine', 'flow', 'study', 'service', 'app'];
const below = (floor) => floors.slice(0, floors.indexOf(floor)).map((name) => `floor:${name}`);

export default ts.config(
  { ignores: ['**/dist/**', '.cache/**', '**/node_modules/**', '**/*.d.ts', 'libs/training/engine/assembly/**'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx', '**/*.js', '**/*.mjs'],
    plugins: { '@nx': nx },
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly', Buffer: 'readonly', setTimeout: 'readonly', clearTimeout: 'readonly', setInterval: 'readonly', clearInterval: 'readonly', fetch: 'readonly', performance: 'readonly', WebAssembly: 'readonly', globalThis: 'readonly', AbortController: 'readonly', AbortSignal: 'readonly', TextDecoder: 'readonly', TextEncoder: 'readonly', setImmediate: 'readonly' } },
    rules: {
      '@nx/enforce-module-boundaries': ['error', {
        enforceBuildableLibDependency: false,
        allow: [],
        // Its NATS door is opened only where a run is published over a bus; the rest is needed at once.
        checkDynamicDependenciesExceptions: ['@gradstream/client'],
        depConstraints: [
          ...floors.map((floor) => ({ sourceTag: `floor:${floor}`, onlyDependOnLibsWithTags: floor === 'service' ? ['floor:ground', 'floor:core', 'floor:flow'] : [...below(floor), ...(floor === 'app' ? ['floor:ui'] : [])] })),
          { sourceTag: 'floor:ui', onlyDependOnLibsWithTags: ['floor:ground', 'floor:core'] },
          { sourceTag: 'floor:e2e', onlyDependOnLibsWithTags: ['*'] },
          { sourceTag: 'floor:tools', onlyDependOnLibsWithTags: ['*'] },
        ],
      }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-undef': 'off',
    },
  },
);
