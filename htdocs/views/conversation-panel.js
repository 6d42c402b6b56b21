import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import * as api from '../api.js';
import { html } from '../lib/html.js';
import { conversationHash, go, goUp } from '../router.js';
import { isFavourite, isHidden } from '../store/arrange.js';
import { conversations, isNotes, titleOf } from '../store/conversations.js';
import { connection } from '../store/live.js';
import { loadMembers } from '../store/members.js';
import { trying } from '../store/notices.js';
import { openDialog } from '../store/ui.js';
import { myId } from '../store/session.js';
import { Avatar } from './avatar.js';
import { favour, hide, setNotify } from './conversation-actions.js';
import { Icon } from './icon.js';
import { IconButton } from './icon-button.js';
import { MemberList } from './member-list.js';
import { Select } from './select.js';

/** What a conversation is, who is in it and how it calls. @param {{ id: number }} props */
export function ConversationPanel({ id }) {
	const c = conversations.value.get(id);

	const box = useRef(/** @type {HTMLElement | null} */ (null));

	const away = connection.value === 'connecting' || connection.value === 'reconnecting';

	/* Where there is no connection, a bar says so. */
	useEffect(() => {
		if (!away)
			trying(loadMembers(id), 'Couldn’t load the members.');
	}, [id, away]);

	/* The focus goes back to what opened it, which a phone shows only then. */
	useLayoutEffect(() => () => {
		if (box.current?.contains(document.activeElement))
			requestAnimationFrame(() => /** @type {HTMLElement | null} */ (
				document.querySelector('.pane [aria-expanded]'))?.focus());
	}, []);

	if (!c)
		return null;
	const group = c.kind === 'group';
	return html`<aside ref=${box} class="panel" tabindex="-1" aria-label="About ${titleOf(c)}">
		<header class="bar">
			<${IconButton} icon="arrow-left" label="Back to messages" class="only-narrow"
				onClick=${() => goUp(conversationHash(id))} />
			<h2 class="bar-title">${group ? 'About this group' : 'About'}</h2>
			<${IconButton} icon="x" label="Close panel" class="only-wide"
				onClick=${() => goUp(conversationHash(id))} />
		</header>
		<div class="panel-body">
			${group ? html`<${GroupAbout} conversation=${c} />` : html`<${DirectAbout} conversation=${c} />`}
			<${Mine} conversation=${c} />
			${group && html`<${MemberList} conversation=${c} />
				<${Leave} conversation=${c} />`}
			<p class="panel-note quiet">${away
				? 'Reconnecting: something newer may be missing here.'
				: `Complete up to message ${c.last_number.toLocaleString()}.`}</p>
		</div>
	</aside>`;
}

/** @param {{ conversation: Conversation }} props */
function GroupAbout({ conversation: c }) {
	return html`<section class="panel-about">
		<h3 dir="auto">${titleOf(c)}</h3>
		${c.topic && html`<p dir="auto">${c.topic}</p>`}
		<p class="panel-facts"><${Icon} name=${c.visibility === 'public' ? 'globe' : 'lock'} size=${14} />
			${c.visibility === 'public' ? 'Public: everybody here can join' : 'Private: by invitation'}</p>
		${c.role !== 'member' && html`<button type="button" class="button"
			onClick=${() => openDialog('group', { id: c.id })}>
			<${Icon} name="settings" size=${16} /> Group settings</button>`}
	</section>`;
}

/** @param {{ conversation: Conversation }} props */
function DirectAbout({ conversation: c }) {
	if (isNotes(c) || !c.peer)
		return html`<section class="panel-about"><h3>Notes to myself</h3>
			<p class="quiet">Only you can see what is written here.</p></section>`;
	return html`<section class="panel-about panel-person">
		<${Avatar} user=${c.peer} presence />
		<div><h3 dir="auto">${c.peer.display_name}</h3>
			<p class="quiet">@${c.peer.username}</p></div>
	</section>`;
}

/** Where it stands in my list, and when it asks for attention. @param {{ conversation: Conversation }} props */
function Mine({ conversation: c }) {
	return html`<section class="panel-mine">
		${!isNotes(c) && html`<${Select} label="Count as unread" name="notify" value=${c.notify}
			onChange=${(/** @type {Notify} */ value) => setNotify(c, value)}
			options=${[['all', 'Every message'], ['mentions', 'Only mentions of me'],
				['nothing', 'Nothing (muted)']]} />`}
		${!c.archived && html`<button type="button" class="button" aria-pressed=${isFavourite(c) ? 'true' : 'false'}
				onClick=${() => favour(c)}>
				<${Icon} name="star" size=${16} class=${isFavourite(c) ? 'is-filled' : ''} /> Favourite</button>
			<button type="button" class="button" onClick=${() => hide(c)}>
				<${Icon} name=${isHidden(c) ? 'eye' : 'eye-off'} size=${16} />
				${isHidden(c) ? 'Show in the list' : 'Hide'}</button>`}
	</section>`;
}

/** @param {{ conversation: Conversation }} props */
function Leave({ conversation: c }) {
	if (c.role === 'owner')
		return html`<p class="panel-note quiet">To leave, make somebody else the owner first.</p>`;
	return html`<button type="button" class="button is-danger button-wide" onClick=${() => openDialog('confirm', {
		title: `Leave ${titleOf(c)}?`, verb: 'Leave group', danger: true,
		text: c.visibility === 'public' ? 'You can join again at any time.'
			: 'You can only come back when somebody adds you.',
		async onConfirm() {
			await api.deleteMember(c.id, myId.value);
			go('#/');
		},
	})}><${Icon} name="log-out" size=${16} /> Leave group</button>`;
}
