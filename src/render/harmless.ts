import { stripVTControlCharacters } from 'node:util';

/** C0 without tab and line feed, DEL, C1, and what turns the direction of writing (Unicode, "Bidirectional Algorithm"). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text from elsewhere for a terminal: it can colour nothing, move nothing, and hide nothing. */
export const harmless = (text: string): string =>
  stripVTControlCharacters(text).replaceAll('\r\n', '\n').replaceAll(CONTROL, '\ufffd');
