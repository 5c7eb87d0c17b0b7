import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { InputError } from '@gradstream/numerics';
import { parseWith } from '@gradstream/protocol';

/** What somebody may do. `admin` may do everything, and mints tokens. */
export const scope = z.enum(['read', 'write', 'control', 'admin']);
export type Scope = z.output<typeof scope>;

/** What a token may do each second. */
const limits = z.strictObject({ requestsPerSecond: z.number().positive().optional(), bytesPerSecond: z.number().positive().optional(), pointsPerSecond: z.number().positive().optional() });
export type Limits = z.output<typeof limits>;

/** What a request may do, and to which runs. */
export interface Grant {
  /** Id of the token that it came with; absent where none was needed. */
  readonly token?: string;
  readonly limits?: Limits;
  readonly scopes: ReadonlySet<Scope>;
  /** Only runs of this project; all where it is absent. */
  readonly project?: string;
}

const tokenRecord = z.object({
  id: z.string(),
  /** Hex SHA-256 of the whole token: the token itself is kept nowhere. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string(),
  scopes: z.array(scope),
  project: z.string().optional(),
  created: z.number(),
  /** ms since 1970; never where it is absent. */
  expires: z.number().optional(),
  /** Where they are not the server's own. */
  limits: limits.optional(),
});
export type TokenRecord = z.output<typeof tokenRecord>;

const tokenFile = z.object({ version: z.literal(1), tokens: z.array(tokenRecord) });

export interface NewToken {
  /** For people: whose it is. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly project?: string;
  /** ms since 1970. */
  readonly expires?: number;
  readonly limits?: Limits;
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** How often the file is looked at for changes, in ms. */
const lookEveryMs = 1000;

/**
 * Tokens that a server accepts: hashes in a file that only its owner reads, or in memory alone. What another process
 * writes into the file counts within a second: a token that was revoked is refused from then on.
 */
export class Tokens {
  private tokens: TokenRecord[] = [];
  /** Made for this process, and kept nowhere. */
  private passing: TokenRecord[] = [];
  private looked = -Infinity;
  private version = '';

  /** @param file where they are kept; nowhere when it is absent */
  constructor(private readonly file?: string) {
    this.look(0);
  }

  /** What the file holds now, before it is written again. */
  private lookNow(): void {
    this.looked = -Infinity;
    this.look(Date.now());
  }

  /** Reads the file where it was changed. @throws InputError for one that is damaged */
  private look(now: number): void {
    if (!this.file || now - this.looked < lookEveryMs) return;
    this.looked = now;
    const found = existsSync(this.file) ? statSync(this.file) : undefined;
    const version = found ? `${found.mtimeMs} ${found.size} ${found.ino}` : '';
    if (version === this.version) return;
    try {
      this.tokens = found ? parseWith(tokenFile, parseJson(readFileSync(this.file, 'utf8'), this.file), `tokens in ${this.file}`).tokens : [];
    } catch (error) {
      // A file that was damaged while the server runs lets in whom it let in before.
      if (this.version === '') throw error;
    }
    this.version = version;
  }

  get size(): number {
    this.look(Date.now());
    return this.tokens.length + this.passing.length;
  }

  list(): readonly Omit<TokenRecord, 'hash'>[] {
    return [...this.tokens, ...this.passing].map(({ hash: _, ...shown }) => shown);
  }

  /**
   * Makes a token.
   *
   * @param kept whether it outlives this process, where there is a file. Default true.
   * @returns its text, which is shown this once
   */
  create({ name, scopes, project, expires, limits }: NewToken, now: number = Date.now(), kept = true): string {
    if (scopes.length === 0) throw new InputError('token: scopes must name at least one of read, write, control, admin');
    const id = randomBytes(6).toString('hex');
    const text = `gs_${id}_${randomBytes(32).toString('base64url')}`;
    const record = { id, hash: sha256(text).toString('hex'), name, scopes: [...scopes], project, created: now, expires, limits };
    if (!kept) this.passing.push(record);
    else {
      this.lookNow();
      this.tokens.push(record);
      this.save();
    }
    return text;
  }

  /** @returns whether there was such a token */
  revoke(id: string): boolean {
    this.lookNow();
    const before = this.tokens.length;
    this.tokens = this.tokens.filter((token) => token.id !== id);
    if (this.tokens.length < before) this.save();
    return this.tokens.length < before;
  }

  /** What a token allows; undefined for one that is unknown or has expired. Takes the same time for every guess. */
  grant(text: string, now: number = Date.now()): Grant | undefined {
    this.look(now);
    const hash = sha256(text);
    let found: TokenRecord | undefined;
    for (const token of [...this.tokens, ...this.passing]) if (timingSafeEqual(Buffer.from(token.hash, 'hex'), hash)) found = token;
    if (!found || (found.expires !== undefined && found.expires <= now)) return undefined;
    return { token: found.id, limits: found.limits, scopes: new Set(found.scopes), project: found.project };
  }

  private save(): void {
    if (!this.file) return;
    writeFileSync(`${this.file}.new`, JSON.stringify({ version: 1, tokens: this.tokens }, undefined, 2), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
    const { mtimeMs, size, ino } = statSync(this.file);
    this.version = `${mtimeMs} ${size} ${ino}`;
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`tokens: ${file} must hold JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}

/** Whether a grant covers what a route asks for. */
export const allows = ({ scopes }: Grant, needed: Scope): boolean => scopes.has('admin') || scopes.has(needed);
