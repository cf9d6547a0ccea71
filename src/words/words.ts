import { english } from './english.ts';

/** What a language has to say. */
export type Words = typeof english;

/** The language of this installation. */
export const words: Words = english;
