/**
 * One project per lib, app and folder of scripts. Specs run from source, compiled by swc; a console warning fails them.
 * @jest-config-loader esbuild-register
 */
import { readdirSync } from 'node:fs';
import type { Config } from 'jest';

const libs = readdirSync('libs').flatMap((scope) => readdirSync(`libs/${scope}`).map((name) => ({ name, dir: `libs/${scope}/${name}` })));
const apps = readdirSync('apps').map((name) => ({ name, dir: `apps/${name}` }));
const scripts = ['tools', 'examples', 'benchmarks'].map((name) => ({ name, dir: name }));

const project = ({ name, dir }: { name: string; dir: string }) => ({
  displayName: name,
  rootDir: __dirname,
  roots: [`<rootDir>/${dir}`],
  testMatch: [`<rootDir>/${dir}/**/*.spec.ts`, `<rootDir>/${dir}/**/*.spec.tsx`],
  modulePathIgnorePatterns: ['/dist/'],
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@gradstream/source', 'node', 'require', 'default'] },
  setupFilesAfterEnv: [name === 'e2e' ? '<rootDir>/tools/jest.e2e.ts' : '<rootDir>/tools/jest.setup.ts'],
  transform: {
    '^.+\\.(t|j)sx?$': ['@swc/jest', {
      swcrc: false,
      jsc: { parser: { syntax: 'typescript', tsx: true }, target: 'es2022', transform: { react: { runtime: 'automatic' } } },
      module: { type: 'commonjs' },
      sourceMaps: 'inline',
    }],
  },
  transformIgnorePatterns: ['/node_modules/(?!(@noble|fast-png|iobuffer|fflate|@observablehq|d3|d3-[a-z]+|internmap|delaunator|robust-predicates|env-paths|is-safe-filename|hyparquet|hyparquet-writer|csv-parse)/)'],
});

const config = async (): Promise<Config> => {
  const { existsSync } = await import('node:fs');
  return { projects: [...libs, ...apps, ...scripts].filter(({ dir }) => existsSync(dir)).map(project) } as Config;
};
export default config;
