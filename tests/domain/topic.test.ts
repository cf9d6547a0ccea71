import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  curatedTopics,
  definitionOf,
  normalizeDefinition,
  parseTopic,
  phraseCharactersMax,
  slugOf,
  topicsMax,
} from '../../src/domain/topic.ts';

describe('the curated topics', () => {
  test('are no more than a reader may follow, about 50, each with a slug of its own, a name, a field, a description and phrases', () => {
    expect(curatedTopics.length).toBeGreaterThanOrEqual(45);
    expect(curatedTopics.length).toBeLessThanOrEqual(topicsMax);
    expect(new Set(curatedTopics.map(({ slug }) => slug)).size).toBe(curatedTopics.length);
    expect(new Set(curatedTopics.map(definitionOf)).size).toBe(curatedTopics.length);
    for (const { slug, name, field, description, phrases } of curatedTopics) {
      expect(slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(name.length).toBeGreaterThan(2);
      expect(field.length).toBeGreaterThan(2);
      expect(description).toMatch(/\.$/);
      expect(phrases.length).toBeGreaterThan(3);
      // No reader can have typed it: a definition is one row.
      expect(definitionOf({ phrases }).length).toBeGreaterThan(phraseCharactersMax);
      // A hyphen would find the hyphenated spelling only; a quote would end the phrase.
      for (const phrase of phrases) expect(phrase, slug).not.toMatch(/[-"]/);
      expect(new Set(phrases.map((phrase) => phrase.toLowerCase())).size, slug).toBe(phrases.length);
    }
  });

  test('stand field by field, a handful in each', () => {
    const fields = curatedTopics.map(({ field }) => field);
    const runs = fields.filter((field, place) => field !== fields[place - 1]);
    expect(runs).toEqual([...new Set(fields)]);
    for (const field of runs) expect(fields.filter((one) => one === field).length, field).toBeGreaterThan(1);
  });

  test('are found by slug and by name, in any case', () => {
    for (const { slug, name } of curatedTopics) {
      expect(parseTopic(slug)).toMatchObject({ slug, name });
      expect(parseTopic(` ${name.toUpperCase()} `)).toMatchObject({ slug, name });
    }
  });
});

describe('a phrase', () => {
  test.each([
    ['Speculative  Decoding', 'speculative decoding'],
    ['"Speculative Decoding"', '"speculative decoding"'],
    ['“Speculative Decoding”', '"speculative decoding"'],
    ['mamba OR "state space"', 'mamba or "state space"'],
    ['ｍａｍｂａ', 'mamba'],
    ['speech -music', 'speech -music'],
    ['speech −music', 'speech -music'],
    ['text-to-video', '"text to video"'],
    ['-text-to-video speech', '-"text to video" speech'],
    ['"vision-language models"', '"vision language models"'],
    ['GPT-4', 'gpt-4'],
    ['C++ compilers', 'c++ compilers'],
  ])('%s is defined as %s', (text, definition) => {
    expect(parseTopic(text)).toEqual({ kind: 'phrase', definition, name: text.replaceAll(/\s+/g, ' ') });
  });

  test.each([
    ['', 'is empty'],
    [' \u202E\u200B ', 'is empty'],
    ['the of and', 'no word to look for'],
    ['or', 'no word to look for'],
    ['"the"', 'no word to look for'],
    ['...', 'no word to look for'],
    ['-video', 'only says what to leave out'],
    ['-"video games" the', 'only says what to leave out'],
    ['cats or -dogs', 'only says what to leave out'],
    ['x'.repeat(phraseCharactersMax + 1), 'too long'],
    ['x'.repeat(10_000_000), 'too long'],
  ])('%.20s is refused', (text, fault) => {
    expect(parseTopic(text)).toEqual({ fault: expect.stringContaining(fault) });
  });

  test('of exactly 80 characters will do, whatever planes they are from', () => {
    expect(parseTopic('x'.repeat(phraseCharactersMax))).not.toHaveProperty('fault');
    expect(parseTopic('𝒳'.repeat(phraseCharactersMax))).not.toHaveProperty('fault');
  });

  test('normalising twice changes nothing, and nothing throws', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 100 }),
      fc
        .array(fc.constantFrom('"', '-', ' or ', ' ', 'a', 'text-to-video', 'the', '“', 'ﬁ', 'İ', '+', "'"), {
          maxLength: 20,
        })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (given) => {
        const once = normalizeDefinition(given);
        expect(normalizeDefinition(once)).toBe(once);
        parseTopic(given);
        slugOf(given);
      }),
      { numRuns: 3000 },
    );
  });
});
