const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [['day', 86_400], ['hour', 3_600], ['minute', 60]];

/** How long ago something was, in words: `5 min. ago`, `now` within the first minute. */
export function ago(then: number, now: number, locale: string): string {
  const seconds = Math.max(0, (now - then) / 1_000);
  const format = new Intl.RelativeTimeFormat(locale, { style: 'short', numeric: 'auto' });
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? ['second', 1];
  return unit === 'second' ? format.format(0, 'second') : format.format(-Math.floor(seconds / size), unit);
}
