/** What may be asked whether it has an integer: any `Set` of them, and `IntegerSet`. */
export interface Integers {
  has(integer: number): boolean;
}

/**
 * A set of integers above 0 that is emptied and used again: a `Set` of a hundred takes more than twice as long, and leaves four
 * kilobytes of garbage for each reader. A table with open addressing (Knuth, The Art of Computer Programming 3, 6.4), at
 * most half full.
 */
export class IntegerSet implements Integers {
  #places = new Int32Array(placesMin);
  #size = 0;

  add(integer: number): void {
    const place = this.#placeOf(integer);
    if (this.#places[place] === integer) return;
    this.#places[place] = integer;
    this.#size++;
    if (2 * this.#size > this.#places.length) this.#grow();
  }

  has(integer: number): boolean {
    return this.#places[this.#placeOf(integer)] === integer;
  }

  /** Empties it; what it grew to for one reader is not kept for all others. */
  clear(): void {
    if (this.#places.length > placesMin) this.#places = new Int32Array(placesMin);
    else this.#places.fill(0);
    this.#size = 0;
  }

  /** Where it stands, or where it may. */
  #placeOf(integer: number): number {
    const places = this.#places;
    const last = places.length - 1;
    // Spreads numbers that follow one another, as ids do.
    let place = (Math.imul(integer, goldenRatio) >>> 16) & last;
    while (places[place] !== 0 && places[place] !== integer) place = (place + 1) & last;
    return place;
  }

  #grow(): void {
    const before = this.#places;
    this.#places = new Int32Array(2 * before.length);
    for (const integer of before) if (integer !== 0) this.#places[this.#placeOf(integer)] = integer;
  }
}

/** A power of two: twice what two weeks of digests hold. */
const placesMin = 256;
/** 2 ** 32 divided by it. */
const goldenRatio = 0x9e3779b1;
