import fc from 'fast-check';

const id = fc.oneof(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.integer({ min: 1, max: 300 }));

/** What a digest may be made of, near and far numbers mixed, so that fragments also stand in it twice. */
export const anyComposition = fc.record({
  subject: id,
  dayline: id,
  slot: id,
  topics: fc.array(id, { maxLength: 60 }),
  cards: fc.array(fc.record({ card: id, why: id, whyRest: fc.option(id, { nil: undefined }) }), {
    maxLength: 30,
  }),
  isTextOnly: fc.boolean(),
});
