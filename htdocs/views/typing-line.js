import { html } from '../lib/html.js';
import { joinNames } from '../lib/text.js';
import { nameOf } from '../store/people.js';
import { typing } from '../store/typing.js';

/** Who is writing; the line is always there, so nothing moves. @param {{ id: number }} props */
export function TypingLine({ id }) {
	const names = (typing.value.get(id) ?? []).map((user) => nameOf(user).split(' ')[0]);
	return html`<p class="typing-line" aria-live="off">
		${names.length > 0 && html`<span class="typing-dots" aria-hidden="true"><i></i><i></i><i></i></span>
			${joinNames(names)} ${names.length === 1 ? 'is' : 'are'} typing…`}
	</p>`;
}
