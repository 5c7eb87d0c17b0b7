import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endAll, folder, root } from './processes.ts';

afterAll(endAll);

const npm = (cwd: string, ...args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} in ${cwd}:\n${stdout}${stderr}`);
  return stdout;
};

test("packed libs install in an empty strict ESM project outside the checkout, where the README's example compiles and runs", () => {
  const dir = folder();
  const tarballs = join(dir, 'tarballs');
  const project = join(dir, 'project');
  mkdirSync(tarballs);
  mkdirSync(project);
  const libs = readdirSync(join(root, 'libs')).flatMap((scope) => readdirSync(join(root, 'libs', scope)).map((name) => join(root, 'libs', scope, name)));
  npm(root, 'pack', '--pack-destination', tarballs, ...libs);
  const packed = readdirSync(tarballs);
  expect(packed).toHaveLength(libs.length);

  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'typescript', 'package.json'), 'utf8')) as { version: string };
  const dependencies = Object.fromEntries(libs.map((lib) => {
    const { name } = JSON.parse(readFileSync(join(lib, 'package.json'), 'utf8')) as { name: string };
    return [name, `file:../tarballs/${packed.find((file) => file.startsWith(`${name.slice(1).replace('/', '-')}-`))}`];
  }));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'outside', private: true, type: 'module', dependencies, overrides: dependencies, devDependencies: { typescript: version } }));
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: { strict: true, module: 'nodenext', target: 'es2022', lib: ['es2023', 'dom'], skipLibCheck: true, outDir: 'out', types: [] }, include: ['*.ts'] }));
  const [, example] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))!;
  writeFileSync(join(project, 'example.ts'), example);
  // Every lib's door opens, with types.
  writeFileSync(join(project, 'doors.ts'), `${Object.keys(dependencies).map((name, i) => `import * as lib${i} from '${name}';`).join('\n')}\nconsole.log([${Object.keys(dependencies).map((_, i) => `Object.keys(lib${i}).length`).join(', ')}].every((n) => n > 0));\n`);

  // Optional natives (SQLite, OpenBLAS) are left out: their libs must open without them.
  npm(project, 'install', '--prefer-offline', '--omit=optional');
  const tsc = spawnSync(process.execPath, [join(project, 'node_modules', 'typescript', 'bin', 'tsc')], { cwd: project, encoding: 'utf8' });
  expect(tsc.stdout).toBe('');
  const run = spawnSync(process.execPath, ['out/example.js'], { cwd: project, encoding: 'utf8' });
  expect(run.stderr).toBe('');
  expect(run.stdout).toMatch(/done\n$/);
  expect(spawnSync(process.execPath, ['out/doors.js'], { cwd: project, encoding: 'utf8' }).stdout).toBe('true\n');
});
