import type { ColumnType } from 'kysely';

/** Given by the database. */
export type Id = ColumnType<number, never, never>;
export type At = ColumnType<Date, Date | string | undefined, Date | string>;
/** A calendar date, `YYYY-MM-DD`: dates stay text, so that no time zone can shift them. */
export type Day = ColumnType<string, string, string>;
