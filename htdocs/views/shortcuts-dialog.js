import { html } from '../lib/html.js';
import { chordNames } from '../lib/keys.js';
import { Dialog } from './dialog.js';

/** @type {[string, [string, string][]][]} */
const groups = [
	['Everywhere', [
		['ctrl+k', 'Go to a conversation'],
		['alt+arrowup', 'Previous conversation'],
		['alt+arrowdown', 'Next conversation'],
		['alt+shift+arrowup', 'Previous unread'],
		['alt+shift+arrowdown', 'Next unread'],
		['ctrl+.', 'Show or hide the side panel'],
		['f6', 'Next region of the page'],
		['?', 'This list'],
	]],
	['On a message', [
		['arrowup', 'Message above'],
		['arrowdown', 'Message below'],
		['r', 'Reply'],
		['+', 'React'],
		['e', 'Edit'],
		['u', 'Mark unread from here'],
		['delete', 'Delete'],
		['enter', 'Everything else'],
	]],
	['While writing', [
		['enter', 'Send'],
		['shift+enter', 'New line'],
		['arrowup', 'Edit your last message (when empty)'],
		['shift+arrowup', 'Reply to the last message (when empty)'],
		['escape', 'Stop editing or replying; else, to the latest'],
		['pageup', 'Scroll the messages'],
		['@', 'Mention somebody'],
		[':', 'Find an emoji'],
		['ctrl+b', 'Bold'],
		['ctrl+i', 'Italic'],
		['ctrl+e', 'Code'],
		['ctrl+shift+x', 'Strike through'],
	]],
];

export function ShortcutsDialog() {
	return html`<${Dialog} title="Keyboard shortcuts" class="dialog-wide">
		<div class="shortcuts">${groups.map(([title, keys]) => html`<section key=${title}>
			<h3>${title}</h3>
			<dl>${keys.map(([chord, text]) => html`<div key=${chord}>
				<dt>${text}</dt>
				<dd>${chordNames(chord === '+' ? 'plus' : chord).map((k) =>
					html`<kbd>${k === 'PLUS' ? '+' : k}</kbd>`)}</dd>
			</div>`)}</dl>
		</section>`)}</div>
	</${Dialog}>`;
}
