/** Runs before each spec file: a warning nobody expected fails the test that caused it. */
import { setImmediate as immediate } from 'node:timers/promises';

jest.setTimeout(30_000);

let unexpected: string[] = [];
const { warn, error } = console;

beforeEach(() => {
  unexpected = [];
  console.warn = (...said: unknown[]) => void unexpected.push(said.map(String).join(' '));
  console.error = (...said: unknown[]) => void unexpected.push(said.map(String).join(' '));
});

afterEach(async () => {
  await immediate();
  Object.assign(console, { warn, error });
  if (unexpected.length > 0) throw new Error(`A console warning fails the test: ${unexpected.join('\n')}`);
});
