import { InputError } from '@gradstream/numerics';

const msOf: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const bytesOf: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** A time from the command line: 90s, 15m, 12h or 30d, in ms. */
export const durationOption = (name: string) => (text: string): number => {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  if (!unit) throw new InputError(`--${name} must be a time like 90s, 15m, 12h or 30d, received '${text}'`);
  return Number(number) * msOf[unit];
};

/** A size from the command line: 500MB, 10GB, in bytes. */
export const sizeOption = (name: string) => (text: string): number => {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([kMGT]?)B?$/.exec(text) ?? [];
  if (number === undefined) throw new InputError(`--${name} must be a size like 500MB or 10GB, received '${text}'`);
  return Number(number) * bytesOf[unit];
};
