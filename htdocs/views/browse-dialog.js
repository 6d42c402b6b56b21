import { useState } from 'preact/hooks';
import { getConversation, getPublicGroups, joinConversation } from '../api.js';
import { html } from '../lib/html.js';
import { count } from '../lib/text.js';
import { conversationHash, go } from '../router.js';
import { conversations } from '../store/conversations.js';
import { takeIn } from '../store/sync.js';
import { announce, trying } from '../store/notices.js';
import { closeDialog, openDialog } from '../store/ui.js';
import { Dialog } from './dialog.js';
import { Icon } from './icon.js';
import { useFound } from './use-found.js';

/** Public groups, to look at and join. */
export function BrowseDialog() {
	const [typed, setTyped] = useState('');
	const { items, problem } = useFound(typed, getPublicGroups);

	/** @param {PublicGroup} group */
	async function join(group) {
		const joined = await trying(
			joinConversation(group.id).then(() => getConversation(group.id)),
			'Couldn’t join the group.');
		if (!joined)
			return;
		takeIn(joined);
		announce(`You joined ${group.name}.`);
		open(group);
	}

	/** @param {PublicGroup} group */
	function open(group) {
		closeDialog();
		go(conversationHash(group.id));
	}

	return html`<${Dialog} title="Browse groups">
		<input type="search" aria-label="Find a group" placeholder="Find a group" autofocus
			value=${typed} onInput=${(/** @type {any} */ e) => setTyped(e.target.value)} />
		${problem && html`<p class="form-error" role="alert">${problem}</p>`}
		<ul class="choices choices-tall">
			${items?.map((group) => html`<li class="choice" key=${group.id}>
				<span class="sign"><${Icon} name="hash" size=${16} /></span>
				<span class="choice-main"><span class="choice-name" dir="auto">${group.name}</span>
					<span class="choice-detail" dir="auto">${count(group.member_count, 'member')}
						${group.topic ? ` · ${group.topic}` : ''}</span></span>
				${conversations.value.has(group.id)
					? html`<button type="button" class="button" onClick=${() => open(group)}>Open</button>`
					: html`<button type="button" class="button" aria-label="Join ${group.name}"
						onClick=${() => join(group)}>Join</button>`}
			</li>`)}
		</ul>
		${items?.length === 0 && html`<p class="quiet choices-empty">
			${typed ? 'No public group has that name.' : 'There are no public groups to join.'}${' '}
			<button type="button" class="link-button" onClick=${() => openDialog('new-group')}>
				Create one</button></p>`}
	</${Dialog}>`;
}
