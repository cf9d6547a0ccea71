import { expect, test } from 'vitest';
import { placeOf, splitTopics, topicsOf } from '../../src/web/named-topics.ts';
import { parseTopic } from '../../src/domain/topic.ts';

test('a pasted link of a paper is "like this paper", wherever it is read', () => {
  for (const link of [
    'https://arxiv.org/abs/2511.20462',
    'https://arxiv.org/pdf/2511.20462v2',
    'http://www.arxiv.org/abs/2511.20462?context=cs.CV',
    'https://arxiv.org/html/2511.20462v1#S3',
    'https://huggingface.co/papers/2511.20462',
    'https://www.alphaxiv.org/abs/2511.20462',
    'arXiv:2511.20462',
    '2511.20462',
  ]) {
    expect([link, splitTopics(link)]).toEqual([link, ['like: 2511.20462']]);
  }
  expect(splitTopics('https://example.org/2511.20462\nrobots; robots')).toEqual([
    'https://example.org/2511.20462',
    'robots',
  ]);
});

test('what stands in a field is a topic of its kind, and comes back to it', () => {
  for (const [field, line, topic] of [
    ['authors', 'Yann LeCun', 'author: Yann LeCun'],
    ['authors', 'author: Yann LeCun', 'author: Yann LeCun'],
    ['organizations', 'DeepMind -games', 'org: DeepMind -games'],
    ['likes', '2511.20462 Flow Matching', 'like: 2511.20462 Flow Matching'],
    ['likes', 'https://arxiv.org/abs/2511.20462', 'like: 2511.20462'],
  ] as const) {
    expect(topicsOf(field, ` ${line} \n`)).toEqual([topic]);
    expect(placeOf(topic).field).toBe(field);
    expect(topicsOf(field, placeOf(topic).line)).toEqual([topic]);
    expect(parseTopic(topic)).not.toHaveProperty('fault');
  }
  expect(placeOf('category: cs.RO')).toEqual({ field: 'phrases', line: 'category: cs.RO' });
  expect(placeOf('robots')).toEqual({ field: 'phrases', line: 'robots' });
});
