import { Subject, of, throwError, BehaviorSubject } from 'rxjs';
import { positive } from './checks.ts';
import { InputError } from './errors.ts';
import { HyperReader, type Hyper } from './hyper.ts';

const reader = (rate: Hyper) => {
  const made = new HyperReader('sgd', { rate }, { rate: positive });
  made.open();
  return made;
};

describe('HyperReader', () => {
  test('reads numbers, schedules and the latest value of a stream', () => {
    expect(reader(0.1).at(3)).toEqual({ rate: 0.1 });
    expect(reader((step) => step + 1).at(3)).toEqual({ rate: 4 });
    const rate$ = new BehaviorSubject(1);
    const live = reader(rate$);
    rate$.next(2);
    expect(live.at(0)).toEqual({ rate: 2 });
  });

  test('a completed stream keeps its last value', () => {
    expect(reader(of(1, 5)).at(9)).toEqual({ rate: 5 });
  });

  test.each([
    ['a schedule out of range', (): Hyper => () => 0, 'sgd: rate must be a number above 0, received 0 at step 7'],
    ['a stream without a value', (): Hyper => new Subject<number>(), 'sgd: rate is a stream that had no value yet at step 7; give it a first one (startWith)'],
    ['a stream out of range', (): Hyper => of(NaN), 'sgd: rate must be a number above 0, received NaN at step 7'],
    ['a stream that failed', (): Hyper => throwError(() => new Error('lost')), 'sgd: the stream of rate ended with an error before step 7: lost'],
  ])('%s ends the run with owner, name, step and value', (_, rate, sentence) => {
    expect(() => reader(rate()).at(7)).toThrow(new InputError(sentence));
  });

  test('close releases the streams', () => {
    const rate$ = new Subject<number>();
    const live = reader(rate$);
    expect(rate$.observed).toBe(true);
    live.close();
    expect(rate$.observed).toBe(false);
  });
});
