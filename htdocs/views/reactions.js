import { html } from '../lib/html.js';
import { joinNames } from '../lib/text.js';
import { nameOf } from '../store/people.js';
import { myId } from '../store/session.js';
import { Icon } from './icon.js';
import { react, toggleReaction } from './message-actions.js';

/** Small counters; a click adds or takes back one's own. @param {{ message: Message }} props */
export function Reactions({ message }) {
	return html`<div class="reactions">
		${message.reactions.map((r) => html`<button type="button" key=${r.emoji}
			class="reaction" aria-pressed=${r.mine ? 'true' : 'false'} title=${names(r)}
			aria-label="${r.emoji}, ${r.count}: ${names(r)}"
			onClick=${() => toggleReaction(message, r.emoji)}>
			<span class="reaction-emoji">${r.emoji}</span><span>${r.count}</span>
		</button>`)}
		<button type="button" class="reaction reaction-add" aria-label="Add a reaction" title="Add a reaction"
			onClick=${(/** @type {any} */ e) => react(message, e.currentTarget)}>
			<${Icon} name="smile-plus" size=${14} /></button>
	</div>`;
}

/** @param {Reaction} reaction */
function names(reaction) {
	return joinNames(reaction.user_ids.map((id) => (id === myId.value ? 'you' : nameOf(id))), 8);
}
