/** What the kernel shows of itself; src/render/kernel.ts says what each is. */
export { composition, compositionBytesMax, damaged, joints, lacking } from './composition';
export { clearFragments, fragmentsMax, placeOf, setPlace } from './fragments';
export { layOutKey, padsBytes } from './hmac';
export { assemble, badHole, mail, mailBytesMax, tooLong } from './mail';
export { fill } from './memory';
export { fillValues, keyIdBytesMax } from './values';
/** From here on memory is the caller's. */
export const free = __heap_base;
