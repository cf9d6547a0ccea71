import fc from 'fast-check';
import { expect, test } from 'vitest';
import { phraseLines, readWrittenTopic } from '../../src/domain/topic-form.ts';
import { curatedTopics, definitionOf, parseTopic } from '../../src/domain/topic.ts';

const written = { name: 'Quantum computing', description: 'Qubits.', phrases: 'quantum circuit\nqubit' };

test('what is written becomes a topic that can be chosen by its name', () => {
  expect(readWrittenTopic(written)).toEqual({
    slug: 'quantum-computing',
    name: 'Quantum computing',
    description: 'Qubits.',
    definition: '"quantum circuit" or "qubit"',
  });
});

test.each([
  ['name', '', 'Give it a name'],
  ['name', 'x'.repeat(61), 'at most 60 characters'],
  ['name', 'author: me', 'letters, digits'],
  ['description', 'x'.repeat(201), 'At most 200'],
  ['phrases', ' \n ; ', 'at least one phrase'],
  ['phrases', 'the of', 'has no word to look for'],
  ['phrases', 'qubit\n!!', 'has no word'],
  ['phrases', 'x'.repeat(79), 'too long'],
  ['phrases', Array.from({ length: 101 }, (_, n) => `word${n}`).join('\n'), 'At most 100'],
] as const)('%s: %s is refused', (field, value, words) => {
  expect(readWrittenTopic({ ...written, [field]: value })).toEqual({
    faults: { [field]: expect.stringContaining(words) },
  });
});

test('a definition shown in a form and saved again is the same definition', () => {
  for (const topic of curatedTopics) {
    const definition = definitionOf(topic);
    expect(readWrittenTopic({ ...written, phrases: phraseLines(definition) })).toMatchObject({ definition });
  }
  fc.assert(
    fc.property(fc.string(), (phrases) => {
      const read = readWrittenTopic({ ...written, phrases });
      if ('faults' in read) return;
      const again = readWrittenTopic({ ...written, phrases: phraseLines(read.definition) });
      if (!('definition' in again) || again.definition !== read.definition) throw new Error(read.definition);
    }),
  );
});

test('whatever is written, a fault is told or its phrases can be looked for', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (name, phrases) => {
      const read = readWrittenTopic({ name, description: '', phrases });
      expect(
        'faults' in read ||
          !('fault' in parseTopic(read.definition.slice(0, 80), () => undefined)) ||
          read.definition.length > 80,
      ).toBe(true);
    }),
  );
});
