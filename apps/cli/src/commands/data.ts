import { Command } from 'commander';
import { SingleBar } from 'cli-progress';
import { cacheFolder, catalogue, fetchDataset } from '@gradstream/datasets/node';

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;

export const dataCommand = (): Command => {
  const data = new Command('data').description('data sets: list, fetch');
  data.command('list').description('what can be fetched, and where it goes').action(() => {
    for (const [name, files] of Object.entries(catalogue)) process.stdout.write(`${name}\t${files.length} file${files.length === 1 ? '' : 's'} from ${new URL(files[0].url).host}\n`);
    process.stdout.write(`cache\t${cacheFolder()}\n`);
  });
  data
    .command('fetch <name>')
    .description('download a data set into the cache, checked by SHA-256; goes on where a broken download ended')
    .option('--sha256 <hex>', 'digest of an archive whose digest is not known')
    .option('--dir <dir>', 'folder instead of the cache')
    .action(async (name: string, { sha256, dir }: { sha256?: string; dir?: string }) => {
      const bar = new SingleBar({ stream: process.stderr, format: ' {bar} {percentage}% | {file} | {done}', barsize: 24, noTTYOutput: false, hideCursor: true });
      let current = '';
      const abort = new AbortController();
      process.once('SIGINT', () => abort.abort());
      try {
        const paths = await fetchDataset(name, {
          sha256,
          dir,
          signal: abort.signal,
          onProgress: ({ file, received, total }) => {
            if (file !== current) {
              current = file;
              if (process.stderr.isTTY) bar.start(total ?? received, received, { file, done: '' });
              else process.stderr.write(`${file}${total ? ` (${megabytes(total)})` : ''}\n`);
            }
            if (process.stderr.isTTY) bar.update(received, { file, done: megabytes(received) });
          },
        });
        bar.stop();
        for (const path of paths) process.stdout.write(`${path}\n`);
      } finally {
        bar.stop();
      }
    });
  return data;
};
