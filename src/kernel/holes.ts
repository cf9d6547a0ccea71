/** The numbers of the holes, for the kernel and for everybody else: plain constants, because two compilers read this file. */
export const why = 0;
export const tasteToken = 1;
export const address = 2;
export const subject = 3;
export const dayline = 4;
export const cards = 5;
export const slot = 6;
export const topics = 7;
export const unsubscribeToken = 8;
export const preferencesToken = 9;
export const digestToken = 10;
export const digestTag = 11;
/** Around the HTML part in a shell: what is between them is left out of a mail of text alone. */
export const htmlBegins = 12;
export const htmlEnds = 13;
