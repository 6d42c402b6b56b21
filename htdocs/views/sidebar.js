import { html } from '../lib/html.js';
import { chordNames } from '../lib/keys.js';
import { site } from '../store/session.js';
import { openDialog } from '../store/ui.js';
import { ConversationList } from './conversation-list.js';
import { IconButton } from './icon-button.js';
import { openMenu } from './menu.js';
import { anchorOf } from './popup.js';
import { SidebarFoot } from './sidebar-foot.js';

/** The list of conversations and what stands around it. */
export function Sidebar() {
	/** @param {MouseEvent} event */
	const onNew = (event) => openMenu(anchorOf(/** @type {Element} */ (event.currentTarget)), 'Start', [
		{ label: 'New conversation', icon: 'square-pen', onSelect: () => openDialog('new-conversation') },
		{ label: 'New group', icon: 'users', onSelect: () => openDialog('new-group') },
		{ label: 'Browse groups', icon: 'compass', onSelect: () => openDialog('browse') },
		{ label: 'Invite people', icon: 'user-plus', onSelect: () => openDialog('invite') },
	]);
	return html`<nav class="sidebar" aria-label="Conversations">
		<header class="bar">
			<h1 class="bar-title">${site.value.name}</h1>
			<${IconButton} icon="plus" label="Start something new" onClick=${onNew}
				aria-haspopup="menu" />
		</header>
		<button type="button" class="jump" onClick=${() => openDialog('switcher')}>
			<span>Go to…</span>
			<span class="only-fine" aria-hidden="true">${chordNames('ctrl+k').map((k) => html`<kbd>${k}</kbd>`)}</span>
		</button>
		<${ConversationList} />
		<${SidebarFoot} />
	</nav>`;
}
