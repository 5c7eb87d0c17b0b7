/**
 * Finds a Chromium for the end-to-end tests: `CHROMIUM_PATH`, one on the machine, Playwright's cache; on Debian as root it
 * installs the `chromium` package; elsewhere it asks playwright-core to download one.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { root } from './setup.mjs';

const runs = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

function onMachine() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
  const found = (process.env.PATH ?? '').split(delimiter).flatMap((dir) => names.map((name) => join(dir, name)));
  const usual = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium', 'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe'];
  return [...found, ...usual].find(runs);
}

function inPlaywrightCache() {
  const caches = [process.env.PLAYWRIGHT_BROWSERS_PATH, join(homedir(), '.cache/ms-playwright'), join(homedir(), 'Library/Caches/ms-playwright'), join(homedir(), 'AppData/Local/ms-playwright')];
  const inside = ['chrome-linux/chrome', 'chrome-linux64/chrome', 'chrome-mac/Chromium.app/Contents/MacOS/Chromium', 'chrome-win/chrome.exe', 'chrome-headless-shell-linux64/chrome-headless-shell'];
  for (const cache of caches) {
    if (!cache || !existsSync(cache)) continue;
    for (const build of readdirSync(cache).filter((name) => name.startsWith('chromium')).sort().reverse()) {
      const path = inside.map((file) => join(cache, build, file)).find(runs);
      if (path) return path;
    }
  }
  return undefined;
}

const isDebianRoot = () => process.getuid?.() === 0 && existsSync('/etc/debian_version') && !/ubuntu/i.test(existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '');

/** The browser's path; a sentence and undefined when none can be had. */
export function findBrowser() {
  if (process.env.CHROMIUM_PATH) {
    if (runs(process.env.CHROMIUM_PATH)) return process.env.CHROMIUM_PATH;
    process.stderr.write(`CHROMIUM_PATH names ${process.env.CHROMIUM_PATH}, which cannot be run.\n`);
    return undefined;
  }
  const found = onMachine() ?? inPlaywrightCache();
  if (found) return found;
  if (isDebianRoot()) {
    process.stderr.write('Installing the chromium package for the end-to-end tests ...\n');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 2, 2], env });
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { stdio: ['ignore', 'ignore', 2], env });
    return onMachine();
  }
  spawnSync(process.execPath, [join(root, 'node_modules/playwright-core/cli.js'), 'install', 'chromium'], { stdio: ['ignore', 2, 2] });
  const downloaded = inPlaywrightCache();
  if (!downloaded) process.stderr.write('No Chromium was found or could be installed; set CHROMIUM_PATH.\n');
  return downloaded;
}
