import htm from 'htm';
import { h } from 'preact';

/** JSX in a template literal. */
export const html = htm.bind(h);
